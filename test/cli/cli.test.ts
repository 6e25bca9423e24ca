import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtFile, packVersion } from '../../lib/contracts';
import { pixelAt, writeClutter, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const photos = join(folder, 'photos');
const temp = join(folder, 'tmp');
let photo: string;

function vitrine(...args: string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, VITRINE_HOME: join(folder, 'home'), VITRINE_TEMP_DIR: temp };
  return spawnSync(process.execPath, [builtFile('lib/cli/main.js'), ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
}

interface Line {
  [field: string]: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

const lines = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  mkdirSync(photos);
  mkdirSync(temp);
  photo = await writePackshot(folder);
  await writePackshot(photos, 'red.jpg');
  await writePackshot(photos, 'blue.webp', { product: [20, 40, 200] });
  await writeClutter(photos, 'scene.png');
  writeFileSync(join(photos, 'notes.txt'), 'not a picture');
  writeFileSync(join(photos, '.hidden'), 'left alone');
});
afterEach(() => expect(readdirSync(temp)).toEqual([]));

describe('vitrine remove', () => {
  test('one photo to one file, told on stderr only', async () => {
    const { status, stdout, stderr } = vitrine('remove', photo, '-o', 'cut.png');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/packshot\.jpg -> cut\.png \(u2netp on cpu, \d+ ms\)/);
    expect((await pixelAt(join(folder, 'cut.png'), 0.02, 0.02))[3]).toBe(0);
    expect((await pixelAt(join(folder, 'cut.png'), 0.5, 0.5))[3]).toBe(255);
  });

  test('a folder: every file is tried, a bad one fails alone', () => {
    const { status, stdout } = vitrine('remove', 'photos', '-o', 'out', '--if-unsure', 'fail', '--json');
    expect(status).toBe(3);
    const byInput = Object.fromEntries(lines(stdout).map((line) => [line.input, line]));
    expect(Object.keys(byInput).sort()).toEqual([
      'photos/blue.webp',
      'photos/notes.txt',
      'photos/red.jpg',
      'photos/scene.png',
    ]);
    expect(byInput['photos/red.jpg']).toMatchObject({
      model: 'u2netp',
      artifacts: { output: 'out/red.png' },
    });
    expect(byInput['photos/scene.png'].error).toMatchObject({
      code: 'UNSURE_CUTOUT',
      hint: expect.any(String),
    });
    expect(byInput['photos/notes.txt'].error.code).toBe('UNSUPPORTED_FORMAT');
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['blue.png', 'red.png']);
  });

  test('a warning is told in a line of its own', () => {
    const { status, stderr } = vitrine('remove', 'photos/scene.png', '-o', 'unsure.png');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^photos\/scene\.png -> unsure\.png \(.* ms\)\n {2}Look at this cutout: /m);
  });

  test('a glob', () => {
    const { status, stdout } = vitrine('remove', 'photos/*.{jpg,webp}', '-o', 'glob/', '--json');
    expect(status).toBe(0);
    expect(lines(stdout)).toHaveLength(2);
  });

  test('decontamination and alpha matting', async () => {
    const cut = async (...options: string[]) => {
      const { status, stdout, stderr } = vitrine('remove', photo, '-o', 'edge.png', '--json', ...options);
      expect([status, stderr.includes('error')]).toEqual([0, false]);
      return {
        warnings: lines(stdout)[0].warnings,
        bytes: await sharp(join(folder, 'edge.png')).raw().toBuffer(),
      };
    };
    const usual = await cut();
    expect((await cut('--decontaminate', 'blur-fusion')).bytes.equals(usual.bytes)).toBe(true);
    expect((await cut('--decontaminate', 'multi-level')).bytes.equals(usual.bytes)).toBe(false);
    const off = await cut('--no-decontaminate');
    expect(off.bytes.equals(usual.bytes)).toBe(false);
    expect((await cut('--decontaminate', 'off')).bytes.equals(off.bytes)).toBe(true);
    expect((await cut('--alpha-matting')).bytes.equals(usual.bytes)).toBe(false);
    const { warnings } = await cut('--alpha-matting', '--alpha-matting-erode-size', '200');
    expect(warnings).toEqual([expect.stringContaining('alpha_matting_erode_size')]);
    expect(vitrine('remove', photo, '-o', 'edge.png', '--decontaminate', 'despill').status).toBe(2);
  });

  test('mode, colour, size, format and mask', async () => {
    const args = [
      '--mode',
      'color',
      '--bgcolor',
      '#0f0',
      '--size',
      '128',
      '--format',
      'webp',
      '--quality',
      '80',
      '--mask',
    ];
    const { status, stdout } = vitrine('remove', photo, '-o', 'many/', '--json', ...args);
    expect(status).toBe(0);
    const [{ artifacts, width, height, format }] = lines(stdout);
    expect({ artifacts, width, height, format }).toEqual({
      artifacts: { output: 'many/packshot.webp', mask: 'many/packshot.mask.png' },
      width: 128,
      height: 128,
      format: 'webp',
    });
    const [red, green, blue] = await pixelAt(join(folder, 'many/packshot.webp'), 0.02, 0.02);
    expect([red < 10, green > 245, blue < 10]).toEqual([true, true, true]);
    expect((await sharp(join(folder, 'many/packshot.mask.png')).metadata()).channels).toBe(1);
  });

  test('soften keeps the photo’s format and size', async () => {
    expect(vitrine('remove', photo, '-o', 'soft/', '--mode', 'soften').status).toBe(0);
    expect(await sharp(join(folder, 'soft/packshot.jpg')).metadata()).toMatchObject({
      format: 'jpeg',
      width: 320,
      height: 240,
    });
  });

  test('a preview', async () => {
    const { status, stderr } = vitrine('remove', 'photos', '-o', 'sheet', '--preview', 'sheet.jpg');
    expect(status).toBe(3);
    expect(stderr).toContain('Preview: sheet.jpg');
    const { width = 0, height = 0 } = await sharp(join(folder, 'sheet.jpg')).metadata();
    expect(Math.min(width, height)).toBeGreaterThan(600);
  });

  test('on existing: overwrite, skip, error', () => {
    const once = () => statSync(join(folder, 'again/packshot.png')).mtimeMs;
    expect(vitrine('remove', photo, '-o', 'again/').status).toBe(0);
    const first = once();
    const skipped = vitrine('remove', photo, '-o', 'again/', '--on-existing', 'skip', '--json');
    expect(lines(skipped.stdout)).toEqual([
      { input: photo, skipped: true, artifacts: { output: 'again/packshot.png' } },
    ]);
    const refused = vitrine('remove', photo, '-o', 'again/', '--on-existing', 'error', '--json');
    expect(refused.status).toBe(1);
    expect(lines(refused.stdout)[0].error.code).toBe('OUTPUT_EXISTS');
    expect(once()).toBe(first);
    expect(vitrine('remove', photo, '-o', 'again/').status).toBe(0);
    expect(once()).toBeGreaterThan(first);
  });

  test('never over the photo itself', async () => {
    const original = await writePackshot(folder, 'mine.png');
    const before = readFileSync(original);
    const { status, stderr } = vitrine('remove', original, '-o', original);
    expect(status).toBe(1);
    expect(stderr).toContain('Your original would be lost');
    expect(readFileSync(original).equals(before)).toBe(true);
  });

  test.each([
    [['--mode', 'blur'], /Expected mode to be one of .+ but received "blur"/],
    [['--quality', '101'], /Expected quality to be a whole number from 1 to 100 but received "101"/],
    [['--on-existing', 'maybe'], /Expected --on-existing to be one of overwrite, skip, error/],
    [['--preview', 'sheet'], /Expected --preview to be a name that ends with/],
    [['--sharpen'], /unknown option '--sharpen'/],
  ])('bad usage %j exits with 2', (args, message) => {
    const { status, stdout, stderr } = vitrine('remove', photo, '-o', 'bad/', ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, 'bad'))).toBe(false);
  });

  test('an ending that no format has', () => {
    const { status, stderr } = vitrine('remove', photo, '-o', 'cut.gif');
    expect(status).toBe(2);
    expect(stderr).toContain(
      'Expected --out to be a name that ends with .png, .webp or .jpg but received "cut.gif"',
    );
  });

  test('a photo that is not there', () => {
    const { status, stderr } = vitrine('remove', 'nowhere.jpg', '-o', 'x.png');
    expect(status).toBe(1);
    expect(stderr).toContain('nowhere.jpg does not exist');
  });

  test('no --out', () => {
    expect(vitrine('remove', photo).status).toBe(2);
  });
});

test('vitrine models list', () => {
  const { stdout } = vitrine('models', 'list');
  expect(stdout).toMatch(/^MODEL .+\nplain +ready +built in +MIT /);
  expect(stdout).toMatch(/^u2netp +ready +built in +Apache-2\.0 /m);
  expect(lines(vitrine('models', 'list', '--json').stdout)).toContainEqual(
    expect.objectContaining({ id: 'plain', available: true }),
  );
});

test('vitrine doctor', () => {
  const { status, stdout } = vitrine('doctor', '--json');
  expect(status).toBe(0);
  const checks: Record<string, Line> = Object.fromEntries(
    lines(stdout).map((finding) => [finding.check, finding]),
  );
  expect(checks.node.detail).toContain(packVersion);
  expect(checks.pictures.status).toBe('ok');
  for (const finding of Object.values(checks))
    if (finding.status !== 'ok') expect(finding.next).toMatch(/\w/);
});

test('vitrine serve refuses the whole network without a token', () => {
  const { status, stderr } = vitrine('serve', '--host', '0.0.0.0', '--port', '0');
  expect(status).toBe(1);
  expect(stderr).toContain('Set VITRINE_TOKEN');
});

test('help and version', () => {
  expect(vitrine('--version').stdout.trim()).toBe(packVersion);
  expect(vitrine('--help').status).toBe(0);
  expect(vitrine('paint').status).toBe(2);
});
