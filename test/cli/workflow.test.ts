import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../support/temp';
import { runVitrine } from '../support/terminal';

const folder = tempFolder();
const vitrine = (...args: string[]) => runVitrine(folder, 'workflow', 'convert', ...args);
const seed = (type = 'background-replace') =>
  JSON.stringify({ name: 'Shelf', nodes: [{ type, parameters: { inputPath: '{{inputPath}}' } }] });
const put = (file: string, text: string) => {
  writeFileSync(join(folder, file), text);
  return file;
};

test('the workflow goes to stdout, or to a file that is whole or not there', () => {
  const printed = vitrine(put('seed.json', `\uFEFF${seed()}`));
  expect([printed.status, printed.stderr]).toEqual([0, '']);
  const written = vitrine('seed.json', '-o', 'new/out.json');
  expect([written.status, written.stdout]).toEqual([0, '']);
  expect(readdirSync(join(folder, 'new'))).toEqual(['out.json']);
  const text = readFileSync(join(folder, 'new/out.json'), 'utf8');
  expect(text).toBe(printed.stdout);
  expect(JSON.parse(text)).toMatchObject({ name: 'Shelf', nodes: expect.any(Array) });
});

test('nothing is written where something is not known', () => {
  const { status, stdout, stderr } = vitrine(put('unknown.json', seed('upscale')), '-o', 'none/out.json');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('nodes[0].type: the type "upscale" is not known');
  expect(readdirSync(folder)).not.toContain('none');
});

test('the file that was read is never written, and neither is a folder', () => {
  put('own.json', seed());
  mkdirSync(join(folder, 'there'), { recursive: true });
  for (const out of ['own.json', 'there']) {
    const { status, stderr } = vitrine('own.json', '-o', out);
    expect([out, status, stderr]).toEqual([out, 2, expect.stringContaining('Expected every output')]);
  }
  expect(readFileSync(join(folder, 'own.json'), 'utf8')).toBe(seed());
});

test.each([
  ['no file', 'nothere.json', 1, 'does not exist'],
  ['no JSON', put('text.json', 'name: Shelf'), 2, 'a file with a JSON object'],
  ['a list', put('list.json', '[]'), 2, 'a file with a JSON object'],
])('%s is told of', (_, file, status, words) => {
  const done = vitrine(file);
  expect([done.status, done.stderr]).toEqual([status, expect.stringContaining(words)]);
});
