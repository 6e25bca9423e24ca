import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Alpha, RgbImage } from '../contracts';

const pack = promisify(deflateRaw) as (data: Uint8Array, options: { level: number }) => Promise<Buffer>;
const unpack = promisify(inflateRaw) as (data: Uint8Array) => Promise<Buffer>;

interface Kept {
  packed: Uint8Array;
  width: number;
  height: number;
}

/**
 * The last mattes as the networks gave them, so that another backdrop or format for the same photo costs no inference.
 * They are kept packed: 64 of a megabyte each take a few megabytes.
 */
export class MaskCache {
  private readonly kept = new Map<string, Kept>();

  /** @param limit mattes kept; the one unused for longest goes first */
  constructor(private readonly limit = 64) {}

  /**
   * Names a photo and what was asked to cut it.
   * @param fitted as the network sees it: there is no hashing of millions of pixels
   * @param cutter tells networks and devices apart
   */
  key({ data, width, height }: RgbImage, cutter: string): string {
    return `${createHash('sha256').update(data).digest('base64')}|${width}x${height}|${cutter}`;
  }

  /** Nothing at once, rather than later, where there is none: a run need not wait. */
  get(key: string): Promise<Alpha> | undefined {
    const found = this.kept.get(key);
    if (!found) return undefined;
    this.kept.delete(key);
    this.kept.set(key, found);
    return unpack(found.packed).then((data) => ({
      data: new Uint8Array(data),
      width: found.width,
      height: found.height,
    }));
  }

  async set(key: string, { data, width, height }: Alpha): Promise<void> {
    const packed = await pack(data, { level: 1 });
    this.kept.delete(key);
    this.kept.set(key, { packed: new Uint8Array(packed), width, height });
    if (this.kept.size > this.limit) this.kept.delete(this.kept.keys().next().value!);
  }
}
