import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { runVitrine } from '../support/terminal';

const folder = tempFolder();
const vitrine = (...args: string[]) => runVitrine(folder, 'replace', ...args);
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await writePackshot(folder, 'input.jpg');
  await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
});

test('the seed’s command: --in, --out, --preset', async () => {
  const { status, stderr } = vitrine(
    '--in',
    'input.jpg',
    '--out',
    'output.png',
    '--preset',
    'product-studio',
  );
  expect([status, stderr]).toEqual([0, expect.stringContaining('input.jpg -> output.png')]);
  expect(await sharp(at('output.png')).metadata()).toMatchObject({ format: 'png', width: 320, height: 240 });
});

test('the seed’s command with a prompt fails where nothing generates, and says what to do', () => {
  const { status, stderr } = vitrine(
    '--in',
    'input.jpg',
    '--out',
    'no.png',
    '--prompt',
    'clean white background',
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/Nothing here can generate a scene[^]*choose a preset/);
  expect(existsSync(at('no.png'))).toBe(false);
});

test('--engine runway, too', () => {
  const { status, stdout } = vitrine('input.jpg', '-o', 'no.png', '--engine', 'runway', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ input: 'input.jpg', error: { code: 'NO_GENERATOR' } });
});

test('several presets, a mask, a comparison: one JSON line, and a file for each', () => {
  const { status, stdout } = vitrine(
    ...[
      'input.jpg',
      '-o',
      'many/',
      '--preset',
      'wood,podium',
      '--mask',
      'mask.png',
      '--mask-out',
      'many/its.png',
    ],
    ...['--compare', '--format', 'webp', '--json'],
  );
  expect(status).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    input: 'input.jpg',
    model: 'mask',
    pictures: [{ preset: 'wood' }, { preset: 'podium' }],
  });
  const names = [
    'input.wood.webp',
    'input.podium.webp',
    'input.wood.compare.webp',
    'input.podium.compare.webp',
  ];
  expect(readdirSync(at('many')).sort()).toEqual([...names, 'its.png'].sort());
  expect(Object.values(result.artifacts).sort()).toEqual(
    [...names, 'its.png'].map((name) => join('many', name)).sort(),
  );
});

test('--exact proves itself', () => {
  const { stdout } = vitrine(
    'input.jpg',
    '-o',
    'exact.png',
    '--exact',
    '--mask',
    'mask.png',
    '--preset',
    'marble',
    '--json',
  );
  const [{ exact }] = JSON.parse(stdout).pictures;
  expect(exact.pixels).toBeGreaterThan(15_000);
  expect(exact.output_sha256).toBe(exact.source_sha256);
});

test('--backdrop takes a colour or a picture', async () => {
  vitrine('input.jpg', '-o', 'colour.png', '--backdrop', '#1e90ff', '--mask', 'mask.png');
  expect((await pixelAt(at('colour.png'), 0.01, 0.01)).slice(0, 3)).toEqual([0x1e, 0x90, 0xff]);
  await sharp({ create: { width: 50, height: 50, channels: 3, background: '#00ff00' } }).toFile(
    at('scene.png'),
  );
  const { stdout } = vitrine(
    'input.jpg',
    '-o',
    'scene-out.png',
    '--backdrop',
    'scene.png',
    '--mask',
    'mask.png',
    '--json',
  );
  expect(JSON.parse(stdout)).toMatchObject({ engine: 'image', preset: null });
  expect((await pixelAt(at('scene-out.png'), 0.01, 0.01)).slice(0, 3)).toEqual([0, 255, 0]);
});

test('several photos: each gets its picture, a bad one fails alone, results of earlier runs are left out', () => {
  writeFileSync(at('bad.png'), 'no picture');
  const run = () => vitrine('input.jpg', 'bad.png', '-o', 'all/', '--preset', 'minimalist,wood', '--json');
  const { status, stdout } = run();
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(status).toBe(3);
  expect(lines.find(({ input }) => input === 'bad.png').error.code).toBe('UNSUPPORTED_FORMAT');
  expect(readdirSync(at('all')).sort()).toEqual(['input.minimalist.jpg', 'input.wood.jpg']);
  const again = vitrine('input.jpg', 'output.png', '-o', './', '--json');
  expect(again.stderr).toContain('Left out, since an earlier run made it: output.png');
});

test('what is there already is skipped where that is asked for', () => {
  const { stdout, status } = vitrine('input.jpg', '-o', 'output.png', '--on-existing', 'skip', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    input: 'input.jpg',
    skipped: true,
    artifacts: { output: 'output.png' },
  });
});

test.each([
  [['-o', 'x.png'], /Expected the photos to be/],
  [['input.jpg', '--in', 'input.jpg', '-o', 'x.png'], /Name the photo once/],
  [['input.jpg', '-o', 'x.tif'], /Expected --out to be a name that ends with/],
  [['input.jpg', '-o', 'x.png', '--steps', '500'], /Expected steps to be a whole number from 1 to 100/],
  [['input.jpg', '-o', 'x.png', '--backdrop', '#12'], /Expected bgcolor to be a colour/],
  [['input.jpg', 'output.png', '-o', 'x/', '--mask', 'mask.png'], /A mask belongs to one photo/],
])('%j is refused as bad usage', (args, expected) => {
  const { status, stderr } = vitrine(...args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(expected)]);
});

test('no original is ever written', () => {
  const { status, stderr } = vitrine('input.jpg', '-o', 'mask.png', '--mask', 'mask.png');
  expect(status).not.toBe(0);
  expect(stderr).toContain('Your original would be lost');
});
