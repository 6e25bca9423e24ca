import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { VitrineError } from '../../lib/contracts';
import { downloadFromDrive, driveFileOf } from '../../lib/providers';
import { type Drive, confirmation, notFound, page, startDrive, video } from '../support/drive';
import { tempFolder } from '../support/temp';

const ID = '1AbC_dEf-GhIjKlMnOpQrStUvWxYz0123';
const folder = tempFolder();
const file = join(folder, 'video');
const BYTES = Buffer.from('not really a video, but its bytes');

const explain = (failure: object) =>
  new VitrineError({ code: 'FETCH_FAILED', message: JSON.stringify(failure), hint: 'x' });

const get = (drive: Drive, resourceKey?: string) =>
  downloadFromDrive(
    { id: ID, resourceKey },
    {
      ...{ driveUrl: drive.url, file, maxBytes: 1e6, allowHosts: ['127.0.0.1'], maxRedirects: 5 },
      ...{ timeoutSeconds: 30, signal: new AbortController().signal },
    },
    explain,
  );

const refusal = (drive: Drive) =>
  get(drive).then(
    () => undefined,
    (error: VitrineError) => error,
  );

describe('links', () => {
  test.each([
    `https://drive.google.com/file/d/${ID}/view?usp=sharing`,
    `https://drive.google.com/file/d/${ID}/view?usp=drive_link&pli=1`,
    `https://drive.google.com/file/d/${ID}`,
    `https://drive.google.com/file/u/1/d/${ID}/preview`,
    `https://drive.google.com/a/shop.example/file/d/${ID}/edit`,
    `https://drive.google.com/open?id=${ID}&usp=drive_fs`,
    `https://drive.google.com/uc?id=${ID}`,
    `https://drive.google.com/uc?export=download&id=${ID}&confirm=t`,
    `https://drive.google.com/u/0/uc?id=${ID}&export=download`,
    `https://docs.google.com/uc?export=download&id=${ID}`,
    `https://docs.google.com/file/d/${ID}/edit`,
    `https://drive.usercontent.google.com/download?id=${ID}&export=download&authuser=0`,
  ])('%s', (link) => expect(driveFileOf(link)).toEqual({ id: ID }));

  test('with a resource key', () => {
    expect(driveFileOf(`https://drive.google.com/file/d/${ID}/view?usp=sharing&resourcekey=0-aBc_d`)).toEqual(
      {
        id: ID,
        resourceKey: '0-aBc_d',
      },
    );
  });

  test('of somebody else', () => {
    expect(driveFileOf('https://example.com/file/d/x/view')).toBeUndefined();
    expect(driveFileOf('https://drive.google.com.example.com/open?id=x')).toBeUndefined();
    expect(driveFileOf('no link')).toBeUndefined();
  });

  test.each([
    [`https://drive.google.com/drive/folders/${ID}?usp=sharing`, 'a folder', /the one video/],
    [`https://drive.google.com/drive/u/0/folders/${ID}`, 'a folder', /the one video/],
    [`https://docs.google.com/document/d/${ID}/edit`, 'a document', /video file/],
    [`https://docs.google.com/spreadsheets/d/${ID}/edit#gid=0`, 'a document', /video file/],
    ['https://drive.google.com/', 'without a file', /Copy link/],
  ])('%s is refused', (link, what, hint) => {
    expect(() => driveFileOf(link)).toThrow(
      expect.objectContaining({
        code: 'INVALID_PARAMETER',
        message: expect.stringContaining(what),
        hint: expect.stringMatching(hint),
      }),
    );
  });
});

describe('downloads', () => {
  test('a small file comes at once', async () => {
    const drive = await startDrive(video(BYTES));
    const head = await get(drive, '0-key');
    expect(head.headers['content-type']).toBe('video/mp4');
    expect(readFileSync(file)).toEqual(BYTES);
    expect(drive.asked).toMatchObject([
      { path: '/uc', query: { export: 'download', id: ID, resourcekey: '0-key' } },
    ]);
  });

  test('a large one after its page, with all that the form holds', async () => {
    const fields = { id: ID, export: 'download', confirm: 't', uuid: 'b1c2-d3', at: 'APZ&UnT:17' };
    const drive = await startDrive(confirmation('/download', fields), video(BYTES));
    await get(drive);
    expect(readFileSync(file)).toEqual(BYTES);
    expect(drive.asked[1]).toMatchObject({ path: '/download', query: fields });
  });

  test('the older page, with a link', async () => {
    const link = `<a id="uc-download-link" href="/uc?export=download&amp;confirm=Ab3x&amp;id=${ID}">Download anyway</a>`;
    const drive = await startDrive((response, asked) =>
      (asked.query.confirm === 'Ab3x' ? video(BYTES) : page(link))(response, asked),
    );
    await get(drive);
    expect(readFileSync(file)).toEqual(BYTES);
  });

  test.each([
    [
      'page',
      page(
        "<title>Google Drive - Quota exceeded</title><p>Sorry, you can't view or download this file at this time.</p>",
      ),
    ],
    [
      'older page',
      page(
        'Too many users have viewed or downloaded this file recently. Please try accessing the file again later.',
      ),
    ],
    ['refusal', page('<title>Google Drive - Quota exceeded</title>', 403)],
  ])('the quota, as a %s, is an error of its own and not tried again', async (_, reply) => {
    const drive = await startDrive(reply);
    expect(await refusal(drive)).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      retryAfter: undefined,
      hint: expect.stringContaining('24 h'),
    });
    expect(drive.asked).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
  });

  test('the quota behind the confirmation', async () => {
    const drive = await startDrive(
      confirmation('/download', { id: ID }),
      page('<title>Google Drive - Quota exceeded</title>'),
    );
    expect(await refusal(drive)).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(drive.asked).toHaveLength(2);
  });

  test.each([
    [
      'sign-in page',
      page('<form action="https://accounts.google.com/v3/signin/identifier">Sign in</form>'),
      /not shared/,
    ],
    ['page of access', page('<h1>You need access</h1>'), /not shared/],
    ['401', page('', 401), /not shared/],
    ['403', page('', 403), /not shared/],
    ['404', notFound, /no such file/],
    ['another page', page('<h1>Something</h1>'), /a page in place of the file/],
    [
      'a page that leads elsewhere',
      confirmation('https://evil.example/x', { id: ID }),
      /leads to evil\.example/,
    ],
    ['a page without end', confirmation('/uc', { id: ID }), /again and again/],
  ])('%s', async (_, reply, message) => {
    const drive = await startDrive(reply);
    expect(await refusal(drive)).toMatchObject({
      code: 'FETCH_FAILED',
      message: expect.stringMatching(message),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
