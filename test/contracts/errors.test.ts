import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERROR_STATUS, VitrineError, cancelled } from '../../lib/contracts';
import { tempFolder } from '../support/temp';

const folder = tempFolder();

test('an error survives the way through another process', () => {
  const error = new VitrineError({ code: 'QUEUE_FULL', message: 'full', hint: 'wait', retryAfter: 5 });
  const copy = VitrineError.fromBody(JSON.parse(JSON.stringify(error)));
  expect(copy).toMatchObject({
    code: 'QUEUE_FULL',
    message: 'full',
    hint: 'wait',
    retryAfter: 5,
    status: 503,
  });
});

test('an unknown code from elsewhere becomes INTERNAL', () => {
  expect(VitrineError.fromBody({ code: 'NOVEL' as never, message: 'm', hint: 'h' }).code).toBe('INTERNAL');
});

test('what is not ours keeps its text out of the message', () => {
  const error = VitrineError.from(new Error('token=abc /home/me'));
  expect(error.code).toBe('INTERNAL');
  expect(JSON.stringify(error)).not.toContain('abc');
  expect((error.cause as Error).message).toContain('abc');
});

test('a full disk is named', () => {
  expect(VitrineError.from(Object.assign(new Error('x'), { code: 'ENOSPC' })).code).toBe('DISK_FULL');
});

test.each([
  ['a file where a folder is needed', (at: string) => mkdir(join(at, 'file', 'in')), 'ENOTDIR', 'file/in'],
  ['a file that is not there', (at: string) => readFile(join(at, 'none')), 'ENOENT', 'none'],
  ['a folder for a file', (at: string) => writeFile(at, 'x'), 'EISDIR', ''],
  ['a folder that is there', (at: string) => mkdir(at), 'EEXIST', ''],
  ['a name of 300 letters', (at: string) => writeFile(join(at, 'n'.repeat(300)), 'x'), 'ENAMETOOLONG', 'nnn'],
  [
    'a rename onto a folder with files',
    (at: string) => rename(join(at, 'a'), join(at, 'b')),
    'ENOTEMPTY',
    'b',
  ],
])('the file system is quoted with path and remedy: %s', async (_, use, code, path) => {
  writeFileSync(join(folder, 'file'), '');
  for (const name of ['a', 'b']) mkdirSync(join(folder, name, 'full'), { recursive: true });
  const error = VitrineError.from(await use(folder).catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: 'FILE_ERROR', hint: expect.stringMatching(/\w/) });
  expect(error.message).toContain(code);
  expect(error.message).toContain(join(folder, path));
});

test('a port that is taken is not a matter of files', () => {
  const error = Object.assign(new Error('listen'), { code: 'EACCES', syscall: 'listen' });
  expect(VitrineError.from(error).code).toBe('INTERNAL');
});

test('an abort is a cancellation', () => {
  expect(VitrineError.from(new DOMException('stop', 'AbortError')).code).toBe(cancelled().code);
});

test('every code has an HTTP error status', () => {
  for (const status of Object.values(ERROR_STATUS)) expect(status).toBeGreaterThanOrEqual(400);
});
