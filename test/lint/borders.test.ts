import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';

const FORBIDDEN: [string, string][] = [
  ['lib/contracts/x.ts', '../image'],
  ['lib/image/x.ts', '../runtime'],
  ['lib/runtime/x.ts', '../matting'],
  ['lib/models/x.ts', '../pipelines'],
  ['lib/matting/x.ts', '../engine'],
  ['lib/pipelines/x.ts', '../engine/client'],
  ['lib/engine/x.ts', '../cli/output'],
  ['lib/engine/client/x.ts', '../server'],
  ['lib/engine/client/x.ts', '../../pipelines'],
  ['lib/engine/client/x.ts', 'sharp'],
  ['lib/cli/x.ts', '../image/decode'],
  ['lib/cli/x.ts', '../engine/server/engine'],
  ['nodes/X/x.ts', '../../lib/engine'],
  ['nodes/X/x.ts', '../../lib/engine/server'],
  ['nodes/X/x.ts', '../../lib/image'],
  ['nodes/X/x.ts', 'onnxruntime-node'],
  ['credentials/x.ts', '../lib/engine/client/transfer'],
];

const ALLOWED: [string, string][] = [
  ['lib/image/x.ts', '../contracts'],
  ['lib/pipelines/x.ts', '../matting'],
  ['lib/engine/x.ts', '../pipelines'],
  ['lib/cli/x.ts', '../engine'],
  ['lib/cli/x.ts', '../engine/server'],
  ['nodes/X/x.ts', '../../lib/engine/client'],
  ['nodes/X/x.ts', '../../lib/contracts'],
];

// ESLint loads its configuration as an ES module, which jest's own realm cannot.
const { stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'crossings.mjs')], {
  cwd: packageRoot,
  input: JSON.stringify([...FORBIDDEN, ...ALLOWED]),
  encoding: 'utf8',
});
if (!stdout) throw new Error(stderr);
const { crossings, floors }: { crossings: string[][]; floors: string[][] } = JSON.parse(stdout);

const answers = new Map([...FORBIDDEN, ...ALLOWED].map((pair, index) => [pair.join(' '), crossings[index]]));

test.each(FORBIDDEN)('%s may not import %s', (path, specifier) => {
  expect(answers.get(`${path} ${specifier}`)).not.toEqual([]);
});

test.each(ALLOWED)('%s may import %s', (path, specifier) => {
  expect(answers.get(`${path} ${specifier}`)).toEqual([]);
});

test('every room of lib stands on a floor, and only once', () => {
  const rooms = floors.flat();
  expect(new Set(rooms).size).toBe(rooms.length);
  expect(rooms).toEqual(expect.arrayContaining(readdirSync(join(packageRoot, 'lib'))));
});
