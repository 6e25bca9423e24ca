import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';

/** The image is tried with what was built outside (test/e2e/containers.test.ts); that it can be built inside is seen here. */
const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const [, listed] = /const ASSETS = \[([^\]]+)\]/.exec(read('gulpfile.js'))!;
const assets = [...listed.matchAll(/^ +'([^!'][^']*)',$/gm)].map(([, pattern]) => pattern);
const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
const configs = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'gulpfile.js',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** What a build reads: files by name, and the folders before the first star of a pattern. */
const inputs = [...configs, ...include, ...assets.map((pattern) => pattern.replace(/\/\*.*$/, ''))];

const within = (folders: string[]) => (path: string) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

test.each([
  [
    'sent to Docker',
    [...read('docker/Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path),
  ],
  [
    'copied into the stage that builds',
    [...read('docker/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
      paths.split(' '),
    ),
  ],
])('whatever the build reads is %s', (_, folders) => {
  expect(inputs.length).toBeGreaterThan(configs.length + 5);
  expect(inputs.filter((path) => !within(folders)(path))).toEqual([]);
});
