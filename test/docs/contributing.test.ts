import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { packageRoot } from '../../lib/contracts';

/** CONTRIBUTING.md names files; each is there, or is the kind of file that is there already. */
const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const TOP =
  /^(?:lib|nodes|credentials|kernels|models|docs|test|bench|examples)\/|^\.ci\/|^[\w.-]+\.(?:json|mjs|md)$|^\.env/;
const text = read('CONTRIBUTING.md').replace(/^```[^`]+^```/gm, '');
const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path);
const paths = [...new Set(quoted.filter((path) => TOP.test(path)))];

const isPattern = (path: string) => path.includes('<');

/** A room that is planned: the lint has its floor already. */
const isToCome = (path: string) => {
  const [, folder, room] = /^(lib\/(\w+))\//.exec(path) ?? [];
  return folder && !existsSync(join(packageRoot, folder)) && read('eslint.config.mjs').includes(`'${room}'`);
};

test('there are files, and kinds of files', () => {
  expect(paths.filter((path) => !isPattern(path)).length).toBeGreaterThan(20);
  expect(paths.filter(isPattern).length).toBeGreaterThan(8);
});

test.each(paths.filter((path) => !isPattern(path)))('%s is there', (path) => {
  expect(existsSync(join(packageRoot, path))).toBe(true);
});

test.each(paths.filter(isPattern))('one of %s is there, or its room is to come', (path) => {
  const kind = path.replace(/<[^>]+>/g, '*');
  expect(isToCome(path) || globSync(kind, { cwd: packageRoot }).length > 0).toBe(true);
});

test('every folder of the picture of the house is there, and every room in the picture', () => {
  const [picture] = /(?<=^```\n)[^`]+/m.exec(read('CONTRIBUTING.md'))!;
  const drawn = [...picture.matchAll(/(?<=^| )[\w/]+\/(?= |$)/gm)].map(([folder]) => folder);
  expect(drawn.filter((folder) => !existsSync(join(packageRoot, folder)))).toEqual([]);
  const rooms = globSync('lib/*', { cwd: packageRoot, onlyDirectories: true });
  expect(drawn).toEqual(expect.arrayContaining(rooms));
});
