import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type VitrineError, loadConfig } from '../../lib/contracts';
import { downloadVideo } from '../../lib/engine/download';
import { startDrive, video } from '../support/drive';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

const root = tempFolder();
const config = loadConfig({ VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_MAX_VIDEO_MB: '1' });
const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 251));

const run = (url: string, onProgress?: (received: number, total?: number) => void, driveUrl?: string) => {
  const folder = mkdtempSync(join(root, 'job-'));
  const { signal } = new AbortController();
  return { folder, done: downloadVideo(url, folder, config, signal, onProgress, driveUrl) };
};

async function refusal(url: string): Promise<VitrineError> {
  const { folder, done } = run(url);
  const error = await done.then(
    () => undefined,
    (reason: VitrineError) => reason,
  );
  expect(readdirSync(folder)).toEqual([]);
  return error!;
}

/** Serves the bytes, those that a range asks for; breaks off after so many, as often as is said. */
function breaking(times: number, headers: Record<string, string>, asked: (string | undefined)[] = []) {
  let left = times;
  return (request: IncomingMessage, response: ServerResponse) => {
    const range = request.headers.range;
    asked.push(range);
    const from = range ? Number(/\d+/.exec(range)![0]) : 0;
    const isSame = request.headers['if-range'] === headers.etag;
    const start = range && isSame ? from : 0;
    response.writeHead(start ? 206 : 200, {
      'content-type': 'video/mp4',
      'content-length': BYTES.length - start,
      ...(start && { 'content-range': `bytes ${start}-${BYTES.length - 1}/${BYTES.length}` }),
      ...headers,
    });
    if (left-- > 0)
      response.write(BYTES.subarray(start, start + 100_000), () => setTimeout(() => response.destroy(), 50));
    else response.end(BYTES.subarray(start));
  };
}

test('a video of an address, with its name and its progress', async () => {
  const url = await listen(breaking(0, {}));
  const seen: [number, number | undefined][] = [];
  const { done } = run(`${url}/clips/a%20b.mp4?token=secret`, (received, total) =>
    seen.push([received, total]),
  );
  const { file, fileName } = await done;
  expect(fileName).toBe('a b.mp4');
  expect(readFileSync(file)).toEqual(BYTES);
  expect(seen.at(-1)).toEqual([BYTES.length, BYTES.length]);
});

test('a connection that breaks: the rest is asked for, not all of it', async () => {
  const asked: (string | undefined)[] = [];
  const url = await listen(breaking(2, { etag: '"v1"' }, asked));
  const { file } = await run(`${url}/a.mp4`).done;
  expect(readFileSync(file)).toEqual(BYTES);
  expect(asked).toHaveLength(3);
  expect(asked[0]).toBeUndefined();
  for (const range of asked.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
});

test('a file that changed meanwhile, or cannot be told to be the same, is taken anew', async () => {
  for (const headers of [{}, { etag: 'W/"weak"' }] as Record<string, string>[]) {
    const asked: (string | undefined)[] = [];
    const url = await listen(breaking(1, headers, asked));
    const { file } = await run(`${url}/a.mp4`).done;
    expect(readFileSync(file)).toEqual(BYTES);
    expect(asked).toEqual([undefined, undefined]);
  }
  let version = 0;
  const url = await listen((request, response) =>
    breaking(version ? 0 : 1, { etag: `"v${version++}"` })(request, response),
  );
  const { file } = await run(`${url}/a.mp4`).done;
  expect(readFileSync(file)).toEqual(BYTES);
});

test('a web page is no video', async () => {
  const url = await listen((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  );
  expect(await refusal(`${url}/watch?v=secret`)).toMatchObject({
    code: 'FETCH_FAILED',
    message: `Could not download ${url}/watch: it is a web page, not a video`,
  });
});

test('too many bytes, told before or not', async () => {
  const large = Buffer.alloc(1024 * 1024 + 1);
  for (const headers of [{ 'content-length': large.length }, {}]) {
    const url = await listen((_, response) => response.writeHead(200, headers).end(large));
    expect(await refusal(`${url}/a.mp4`)).toMatchObject({
      code: 'TOO_LARGE',
      message: 'The video has more than 1 MB',
      hint: expect.stringContaining('VITRINE_MAX_VIDEO_MB'),
    });
  }
});

test('redirects are followed, to allowed addresses only', async () => {
  const there = await listen(breaking(0, {}));
  const here = await listen((request, response) => {
    const place = request.url === '/inside' ? 'http://169.254.169.254/latest' : `${there}/b.mp4`;
    response.writeHead(302, { location: place }).end();
  });
  expect((await run(`${here}/a`).done).fileName).toBe('b.mp4');
  expect(await refusal(`${here}/inside`)).toMatchObject({ code: 'ADDRESS_BLOCKED' });
});

test('what is refused, and what is no address', async () => {
  const url = await listen((_, response) => response.writeHead(404).end());
  expect(await refusal(`${url}/a.mp4`)).toMatchObject({
    code: 'FETCH_FAILED',
    message: expect.stringContaining('404'),
  });
  expect(await refusal('drive/a.mp4')).toMatchObject({
    code: 'INVALID_PARAMETER',
    hint: expect.stringContaining('video'),
  });
  expect(await refusal('https://drive.google.com/drive/folders/1AbC_dEf-GhIjKl')).toMatchObject({
    code: 'INVALID_PARAMETER',
    message: expect.stringContaining('folder'),
  });
});

test('a job that is cancelled leaves no file', async () => {
  const abort = new AbortController();
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'video/mp4' }).write(BYTES, () => abort.abort());
  });
  const folder = mkdtempSync(join(root, 'job-'));
  await expect(downloadVideo(`${url}/a.mp4`, folder, config, abort.signal)).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a share link of Google Drive', async () => {
  const drive = await startDrive(video(BYTES, 'Flasche grün.mp4'));
  const link = 'https://drive.google.com/file/d/1AbC_dEf-GhIjKlMnOp/view?usp=sharing';
  const { file, fileName } = await run(link, undefined, drive.url).done;
  expect(fileName).toBe('Flasche grün.mp4');
  expect(readFileSync(file)).toEqual(BYTES);
  expect(drive.asked[0].query.id).toBe('1AbC_dEf-GhIjKlMnOp');
});
