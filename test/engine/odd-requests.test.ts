import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWhenStalled } from '../../lib/engine/server/broken-request';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { FILE_PART, FORM_TYPE, part, say } from '../support/raw';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

const folder = tempFolder();
let engine: TestEngine;
let cleanup: string;
let photo: Buffer<ArrayBuffer>;

beforeAll(async () => {
  photo = Buffer.from(readFileSync(await writePackshot(folder)));
  engine = await startEngine(folder, { VITRINE_ALLOW_HOSTS: '127.0.0.1' });
  cleanup = `${engine.url}/background/cleanup`;
});
afterAll(() => engine.stop());

const ourShape = {
  code: expect.stringMatching(/^[A-Z_]+$/),
  message: expect.stringMatching(/\w{3,}/),
  hint: expect.stringMatching(/\w{3,}/),
};

/** A job that is answered soon, whatever it brings. */
async function send(
  address: string,
  type: string | undefined,
  body: string | Uint8Array<ArrayBuffer> | FormData,
  more: Record<string, string> = {},
) {
  const headers = { ...(type && { 'content-type': type }), ...more };
  const signal = AbortSignal.timeout(8_000);
  const response = await fetch(address, { method: 'POST', headers, body, signal });
  return { status: response.status, answer: await response.json() };
}

const LONG = 'z'.repeat(300_000);
const PICTURE = part(FILE_PART, 'no picture');
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
/** What makes parsers skip a part, or wait. */
const ODD_PARTS: [string, string][] = [
  [
    'line ends in its file name',
    'Content-Disposition: form-data; name="file"; filename*=utf-8\'\'a%0d%0a.jpg',
  ],
  ['line ends in its name', "Content-Disposition: form-data; name*=utf-8''a%0d%0a; filename=a"],
  ['no Content-Disposition', 'Content-Type: image/jpeg'],
  ['no headers', ''],
  ['another disposition', 'Content-Disposition: attachment; name="file"; filename="a.jpg"'],
  ['no name', 'Content-Disposition: form-data; filename="a.jpg"'],
  ['an empty name', 'Content-Disposition: form-data; name=""'],
  ['the name of a prototype', 'Content-Disposition: form-data; name="__proto__"'],
  ['a file named as a prototype', 'Content-Disposition: form-data; name="toString"; filename="a"'],
  [
    'a form in it',
    'Content-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=y',
  ],
  [
    'an unknown charset',
    'Content-Disposition: form-data; name="mode"\r\nContent-Type: text/plain; charset=none',
  ],
  ['headers without end', `Content-Disposition: form-data; name="mode"; ${'a'.repeat(200_000)}`],
  ['a header that is none', 'nonsense'],
];

describe('a form with a part that has', () => {
  for (const [name, headers] of ODD_PARTS)
    for (const content of ['short', LONG])
      for (const [place, body] of [
        ['alone', part(headers, content)],
        ['before the picture', part(headers, content) + PICTURE],
        ['after the picture', PICTURE + part(headers, content)],
      ])
        test(`${name}, ${content.length} bytes, ${place}: refused at once`, async () => {
          const { status, answer } = await send(cleanup, FORM_TYPE, `${body}--x--\r\n`);
          expect([400, 415, 422]).toContain(status);
          expect(answer.error).toEqual(ourShape);
        });
});

test.each<[string, string, string]>([
  ['no boundary', 'multipart/form-data', 'x'],
  ['an empty boundary', 'multipart/form-data; boundary=', '--\r\n\r\n'],
  ['a boundary of 257 letters', `multipart/form-data; boundary=${'x'.repeat(257)}`, 'x'],
  ['a boundary that does not occur', 'multipart/form-data; boundary=y', PICTURE],
  ['no end', FORM_TYPE, PICTURE],
  ['an end in its headers', FORM_TYPE, '--x\r\nContent-Disp'],
  ['nothing', FORM_TYPE, ''],
  ['nothing but its end', FORM_TYPE, '--x--\r\n'],
  ['too many fields', FORM_TYPE, `${Array.from({ length: 60 }, (_, i) => field(`f${i}`, '')).join('')}--x--`],
  ['too many parts', FORM_TYPE, `${part('', '').repeat(500)}--x--`],
  ['a field that is too long', FORM_TYPE, `${field('mode', LONG)}${PICTURE}--x--`],
  ['another type', 'application/x-www-form-urlencoded', 'mode=mask'],
])('a form with %s is refused in our shape', async (_, type, body) => {
  const { status, answer } = await send(cleanup, type, body);
  expect([400, 415]).toContain(status);
  expect(answer.error).toEqual(ourShape);
});

describe('parameters in the address', () => {
  const photoOf = (bytes = photo) => {
    const form = new FormData();
    form.append('file', new Blob([bytes]), 'photo.jpg');
    return form;
  };

  test('are those of the form', async () => {
    const { answer } = await send(`${cleanup}?mode=mask&model=plain`, undefined, photoOf());
    expect(answer).toMatchObject({ mode: 'mask', model: 'plain' });
  });

  test('may be all there is', async () => {
    const files = await listen((_, response) => response.end(photo));
    const response = await fetch(`${cleanup}?mode=mask&url=${files}/a.jpg`, { method: 'POST' });
    expect(await response.json()).toMatchObject({ mode: 'mask', width: 320 });
  });

  test.each([
    ['unknown=1', 'unknown'],
    ['mode=blur', 'blur'],
    ['mode=mask&mode=mask', 'given once'],
    ['__proto__=1', '__proto__'],
    ['file=a.jpg', 'given once'],
    ['size=9', 'size'],
  ])('%s is refused, not ignored', async (query, words) => {
    const { status, answer } = await send(`${cleanup}?${query}`, undefined, photoOf());
    expect([status, answer.error.message]).toEqual([400, expect.stringContaining(words)]);
  });

  test('the same as in the form is refused', async () => {
    const form = photoOf();
    form.append('mode', 'mask');
    expect((await send(`${cleanup}?mode=mask`, undefined, form)).status).toBe(400);
  });

  test('a secret is refused there, and not quoted', async () => {
    const { status, answer } = await send(`${cleanup}?gemini_api_key=hidden-one`, undefined, photoOf());
    expect([status, answer.error.hint]).toEqual([400, expect.stringContaining('in the body')]);
    expect(JSON.stringify(answer) + engine.log()).not.toContain('hidden-one');
  });

  test('count on a route that takes JSON, too', async () => {
    const json = (query: string) =>
      send(
        `${engine.url}/process?${query}`,
        'application/json',
        '{"id": 1, "output": {"front": "http://127.0.0.1:1/a.jpg"}}',
      );
    expect((await json('unknown=1')).answer.error.message).toContain('unknown');
    expect((await json('id=1')).answer.error.message).toContain('given once');
  });
});

describe('a picture as the body', () => {
  test.each(['image/jpeg', 'image/*', 'application/octet-stream', 'IMAGE/JPEG'])(
    'of type %s',
    async (type) => {
      const { status, answer } = await send(`${cleanup}?mode=mask`, type, photo);
      expect([status, answer.mode, answer.width]).toEqual([200, 'mask', 320]);
    },
  );

  test('that is none', async () => {
    expect(await send(cleanup, 'image/jpeg', 'no picture')).toMatchObject({ status: 415 });
  });

  test('that is too large', async () => {
    const small = await startEngine(tempFolderOf('small'), { VITRINE_MAX_IMAGE_MB: '1' });
    try {
      const body = new Uint8Array(2 << 20);
      const address = `${small.url}/background/cleanup`;
      expect(await send(address, 'image/jpeg', body)).toMatchObject({ status: 413 });
      expect(await send(address, FORM_TYPE, `${part(FILE_PART, 'z'.repeat(2 << 20))}--x--`)).toMatchObject({
        status: 413,
        answer: { error: { code: 'TOO_LARGE' } },
      });
      await waitFor(() => small.tempFiles().length === 0);
    } finally {
      await small.stop();
    }
  });

  test('that is packed', async () => {
    const packed = await send(cleanup, 'image/jpeg', photo, { 'content-encoding': 'gzip' });
    expect([packed.status, packed.answer.error.message]).toEqual([415, expect.stringContaining('gzip')]);
  });

  test('/docs/json tells of both', async () => {
    const { paths } = await (await fetch(`${engine.url}/docs/json`)).json();
    const { parameters, requestBody } = paths['/background/cleanup'].post;
    expect(Object.keys(requestBody.content).sort()).toEqual([
      'application/octet-stream',
      'image/*',
      'multipart/form-data',
    ]);
    const names = parameters.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['mode', 'url', 'enhance_fg']));
  });
});

describe('what never becomes a request is answered in our shape', () => {
  const HOST = 'Host: 127.0.0.1\r\n';
  const POST = `POST /background/cleanup HTTP/1.1\r\n${HOST}`;

  test.each<[string, string, number]>([
    ['a method that is none', `NONSENSE / HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a method that no route has', `PROPFIND / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, 404],
    ['a tunnel', `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['no host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
    ['an address without end', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
    ['a broken address', `GET /download/%ff HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, 400],
    ['a long name', `GET /download/${'x'.repeat(500)} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, 400],
    ['a length that is none', `${POST}Content-Length: many\r\n\r\n`, 400],
    ['a negative length', `${POST}Content-Length: -1\r\n\r\n`, 400],
    ['two lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    ['a length and chunks', `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['an unknown transfer encoding', `${POST}Transfer-Encoding: gzip\r\n\r\n`, 400],
    [
      'a chunk that is none',
      `${POST}Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      400,
    ],
    [
      'an expectation',
      `${POST}Expect: the-impossible\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      417,
    ],
    ['an unknown version', `GET / HTTP/9.9\r\n${HOST}\r\n`, 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    [
      'a type that is none',
      `${POST}Content-Type: \x01\r\nContent-Length: 1\r\nConnection: close\r\n\r\na`,
      400,
    ],
    [
      'JSON that is none',
      `POST /process HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{`,
      400,
    ],
  ])('%s', async (_, text, status) => {
    const answer = await say(engine.url, text);
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(body).error).toEqual(ourShape);
  });
});

describe('a line that stands still', () => {
  const IDLE_MS = 400;

  /** A server that reads what comes and answers with `bytes` bytes. */
  async function serverOf(bytes: number) {
    const server = createServer((request, response) => {
      endWhenStalled(request, response, IDLE_MS);
      request.resume().once('end', () => response.end(Buffer.alloc(bytes)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  test('an upload that stops is answered and ended', async () => {
    const { server, url } = await serverOf(1);
    const answer = await say(url, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]).error).toEqual({ ...ourShape, code: 'REQUEST_TIMEOUT' });
    server.close();
  });

  test('an upload that crawls goes on, long after that time', async () => {
    const { server, url } = await serverOf(1);
    const crawl = new ReadableStream({
      async pull(controller) {
        await sleep(IDLE_MS / 4);
        if (performance.now() - began > 4 * IDLE_MS) controller.close();
        else controller.enqueue(new Uint8Array(1));
      },
    });
    const began = performance.now();
    const request = { method: 'POST', body: crawl, duplex: 'half' } as RequestInit;
    expect((await fetch(url, request)).status).toBe(200);
    server.closeAllConnections();
    server.close();
  });

  test('a download that nobody takes is ended', async () => {
    const { server, url } = await serverOf(50 << 20);
    const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'));
    const response = await fetch(url);
    await closed;
    await expect(response.arrayBuffer()).rejects.toThrow();
    server.close();
  });
});

function tempFolderOf(name: string): string {
  return `${folder}/${name}`;
}
