import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoveResult } from '../../../lib/contracts';
import { pixelAt } from '../../support/pictures';
import type { Photo } from './pictures';

/** What the engine may answer to say "later": the status, and the code in the body. */
const LATER: Record<number, string> = { 429: 'RATE_LIMITED', 503: 'QUEUE_FULL' };

export interface Form {
  fields?: Record<string, string>;
  photo?: Pick<Photo, 'bytes' | 'name'>;
  accept?: string;
  signal?: AbortSignal;
}

/** One of the callers: it waits as it is told, and counts what it saw. */
export class Client {
  /** Answers that said "later", by code. */
  readonly later: Record<string, number> = {};
  /** Jobs that were done well, for callers who stayed to the end. */
  done = 0;
  /** Callers who did not wait for their answer. */
  left = 0;

  constructor(readonly url: string) {}

  /** Posts a job, again and again while the engine says "later" and for how long. */
  async post({ fields = {}, photo, accept, signal }: Form): Promise<Response> {
    for (;;) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      if (photo) form.append('file', new Blob([photo.bytes as Uint8Array<ArrayBuffer>]), photo.name);
      const response = await fetch(`${this.url}/background/cleanup`, {
        method: 'POST',
        body: form,
        headers: accept ? { Accept: accept } : {},
        signal,
      });
      const code = LATER[response.status];
      if (!code) {
        if (response.ok) this.done++;
        return response;
      }
      expect((await response.json()).error.code).toBe(code);
      this.later[code] = (this.later[code] ?? 0) + 1;
      const seconds = Number(response.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      await sleep(seconds * 1000, undefined, { signal });
    }
  }

  /** A job that must succeed, with its JSON. */
  async result(form: Form): Promise<RemoveResult> {
    const response = await this.post(form);
    const body = await response.json();
    expect([response.status, body.error]).toEqual([200, undefined]);
    return body;
  }

  /** A job that must be refused. */
  async refused(form: Form, status: number, code: string): Promise<void> {
    const response = await this.post(form);
    const { error } = await response.json();
    expect([response.status, error]).toEqual([
      status,
      { code, message: expect.stringMatching(/\w/), hint: expect.stringMatching(/\w/) },
    ]);
  }

  /** Downloads a finished file and deletes it. */
  async collect(address: string): Promise<Buffer> {
    const response = await fetch(address);
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    await this.drop(address);
    return bytes;
  }

  async drop(address: string): Promise<void> {
    expect((await fetch(address, { method: 'DELETE' })).status).toBe(204);
  }
}

/** The picture shows this request's own product, and behind it what was asked for. */
export async function expectProduct(
  picture: Buffer,
  { product }: Pick<Photo, 'product'>,
  corner: readonly number[],
  tolerance = 14,
): Promise<void> {
  const middle = await pixelAt(picture, 0.5, 0.5);
  const edge = await pixelAt(picture, 0.02, 0.02);
  expect(distance(middle, [...product, 255])).toBeLessThanOrEqual(tolerance);
  // A transparent pixel's colour means nothing.
  if (corner[3] === 0) expect(edge[3]).toBeLessThanOrEqual(2);
  else expect(distance(edge, corner)).toBeLessThanOrEqual(tolerance);
}

function distance(pixel: readonly number[], wanted: readonly number[]): number {
  return Math.max(...wanted.map((value, i) => Math.abs(value - pixel[i])));
}
