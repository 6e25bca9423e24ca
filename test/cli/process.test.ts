import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtFile } from '../../lib/contracts';
import { waitFor } from '../support/engine';
import { filesBelow } from '../support/files-below';
import { type Gemini, echo, startGemini } from '../support/gemini';
import { tinyModels } from '../support/models';
import { pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

const KEY = 'AIza-very-secret-0123';
const folder = tempFolder();
const temp = join(folder, 'tmp');
const models = tinyModels(folder);
let gemini: Gemini;
let base: string;

beforeAll(async () => {
  mkdirSync(temp);
  mkdirSync(join(folder, 'jobs'));
  const front = readFileSync(await writePackshot(join(folder, 'jobs'), 'front.jpg'));
  await writePackshot(join(folder, 'jobs'), 'back.png', { width: 200, height: 260 });
  gemini = await startGemini();
  base = await listen((request, response) => {
    if (request.url === '/front.jpg') response.end(front);
    else if (request.url === '/never') response.writeHead(200).write('x');
    else response.writeHead(404).end();
  });
});
afterEach(() => expect(readdirSync(temp)).toEqual([]));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** @param onStart given the running process */
function vitrine(args: string[], env = {}, onStart?: (pid: number) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [builtFile('lib/cli/main.js'), ...args],
      {
        cwd: folder,
        env: {
          ...process.env,
          VITRINE_HOME: join(folder, 'home'),
          VITRINE_TEMP_DIR: temp,
          VITRINE_MODELS_DIR: models,
          VITRINE_ALLOW_HOSTS: '127.0.0.1',
          VITRINE_GEMINI_URL: gemini.url,
          ...env,
        },
      },
      (error, stdout, stderr) => {
        expect(stdout + stderr).not.toContain(KEY);
        resolve({ status: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      },
    );
    onStart?.(child.pid!);
  });
}

let jobs = 0;
function job(content: unknown): string {
  const file = join('jobs', `job-${++jobs}.json`);
  writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const local = {
  id: 'SKU 7',
  output: { front: 'front.jpg', back: 'back.png' },
  birefnet_model: 'my-birefnet',
};
const written = (out: string) => readdirSync(join(folder, out)).sort();

test('files beside the job file: four cutouts, told on stderr only', async () => {
  const { status, stdout, stderr } = await vitrine(['process', job(local), '-o', 'out']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toContain('design_SKU-7_front_rmbg.png (rmbg-2.0 on cpu)');
  expect(written('out')).toEqual([
    'design_SKU-7_back_birefnet.png',
    'design_SKU-7_back_rmbg.png',
    'design_SKU-7_front_birefnet.png',
    'design_SKU-7_front_rmbg.png',
  ]);
  const back = join(folder, 'out', 'design_SKU-7_back_rmbg.png');
  expect(await sharp(back).metadata()).toMatchObject({ width: 200, height: 260, hasAlpha: true });
  expect([(await pixelAt(back, 0.02, 0.02))[3], (await pixelAt(back, 0.5, 0.5))[3]]).toEqual([0, 255]);
});

test('an address, as JSON, with networks of the command line', async () => {
  const file = job({ id: 123, output: { front: `${base}/front.jpg` } });
  const args = [
    'process',
    file,
    '-o',
    'json/',
    '--json',
    '--rmbg-model',
    'my-birefnet',
    '--birefnet-model',
    'plain',
  ];
  const { status, stdout } = await vitrine(args);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    input: file,
    id: 123,
    front_rmbg: 'json/design_123_front_rmbg.png',
    back_rmbg: null,
    errors: {},
    models: { front_rmbg: { model: 'my-birefnet' }, front_birefnet: { model: 'plain' } },
  });
});

test('partly failed: exit code 3, and the report says what', async () => {
  const file = job({ ...local, output: { front: 'front.jpg', back: `${base}/missing.png` } });
  const plain = await vitrine(['process', file, '-o', 'partly']);
  expect(plain.status).toBe(3);
  expect(plain.stderr).toMatch(/back_rmbg: Could not download .+ answered 404\n {2}\w/);
  const { status, stdout } = await vitrine(['process', file, '-o', 'partly', '--json']);
  expect(status).toBe(3);
  expect(JSON.parse(stdout).errors.back_birefnet.code).toBe('FETCH_FAILED');
  expect(written('partly')).toHaveLength(2);
});

test('all failed: exit code 1, and no folder', async () => {
  const file = job({ ...local, output: { front: 'nowhere.jpg' } });
  const { status, stdout } = await vitrine(['process', file, '-o', 'none', '--json']);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ input: file, error: { code: 'NOT_FOUND' } });
  expect((await vitrine(['process', file, '-o', 'none'])).stderr).toContain('nowhere.jpg');
  expect(readdirSync(folder)).not.toContain('none');
});

test.each<[unknown, string[], number, RegExp]>([
  ['{ "id": 1,', [], 2, /Expected jobs\/job-\d+\.json to be a file with a JSON object/],
  ['[1]', [], 2, /to be a file with a JSON object/],
  [{ output: local.output }, [], 2, /Expected id to be/],
  [
    { ...local, output: {} },
    [],
    2,
    /Expected output\.front to be an http or https address, or the path of a file/,
  ],
  [local, ['--device', 'tpu'], 2, /Expected device to be one of/],
  [local, ['--sharpen'], 2, /unknown option '--sharpen'/],
  [local, ['--prompt', 'Whiter.'], 1, /no Gemini key/],
])('bad usage: %j %j', async (content, args, code, message) => {
  const { status, stdout, stderr } = await vitrine(['process', job(content), '-o', 'bad', ...args]);
  expect({ status, stdout }).toEqual({ status: code, stdout: '' });
  expect(stderr).toMatch(message);
  expect(readdirSync(folder)).not.toContain('bad');
});

test('a job file that is not there', async () => {
  const { status, stderr } = await vitrine(['process', 'nowhere.json', '-o', 'bad']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('nowhere.json does not exist')]);
});

describe('no original is written', () => {
  const design = 'design_1_back_rmbg.png';
  const bytes = (path: string) => readFileSync(join(folder, path));
  const content = { ...local, id: 1, output: { front: 'front.jpg', back: design } };

  test.each<[string, string, () => void]>([
    ['in its own folder', 'jobs', () => undefined],
    ['through a linked folder', 'linked', () => symlinkSync('jobs', join(folder, 'linked'))],
  ])('a picture of the job, %s', async (_, out, prepare) => {
    await writePackshot(join(folder, 'jobs'), design);
    prepare();
    const before = bytes(`jobs/${design}`);
    for (const choice of [[], ['--on-existing', 'overwrite'], ['--on-existing', 'skip']]) {
      const { status, stderr } = await vitrine(['process', job(content), '-o', out, ...choice]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('Your original would be lost')]);
      expect(bytes(`jobs/${design}`).equals(before)).toBe(true);
    }
  });

  test('the job file', async () => {
    mkdirSync(join(folder, 'own'));
    const file = join('own', 'design_2_front_rmbg.png');
    const text = JSON.stringify({ ...local, id: 2, output: { front: '../jobs/front.jpg' } });
    writeFileSync(join(folder, file), text);
    const { status, stderr } = await vitrine(['process', file, '-o', 'own', '--on-existing', 'overwrite']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('Your original would be lost')]);
    expect(bytes(file).toString()).toBe(text);
  });

  test('another picture beside them', async () => {
    mkdirSync(join(folder, 'beside'));
    await writePackshot(join(folder, 'beside'), 'front.jpg');
    const other = join('beside', 'design_3_front_rmbg.png');
    await writePackshot(folder, other);
    const before = bytes(other);
    const file = job({ ...local, id: 3, output: { front: '../beside/front.jpg' } });
    const { status, stderr } = await vitrine(['process', file, '-o', 'beside']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('it may be a photo')]);
    expect(bytes(other).equals(before)).toBe(true);
  });
});

test('--on-existing rules every design', async () => {
  const file = job({ ...local, id: 4, output: { front: 'front.jpg' } });
  const kept = join(folder, 'there', 'design_4_front_birefnet.png');
  mkdirSync(join(folder, 'there'));
  writeFileSync(kept, 'keep');
  const args = ['process', file, '-o', 'there', '--json', '--on-existing'];
  const refused = await vitrine([...args, 'error']);
  expect([refused.status, JSON.parse(refused.stdout).error.code]).toEqual([1, 'OUTPUT_EXISTS']);
  expect(written('there')).toHaveLength(1);
  expect((await vitrine([...args, 'skip'])).status).toBe(0);
  expect([written('there').length, readFileSync(kept, 'utf8')]).toEqual([2, 'keep']);
  const again = await vitrine([...args, 'skip']);
  expect([again.status, JSON.parse(again.stdout)]).toMatchObject([0, { id: 4, skipped: true }]);
  expect((await vitrine([...args, 'overwrite'])).status).toBe(0);
  expect((await sharp(kept).metadata()).format).toBe('png');
  expect((await vitrine([...args, 'maybe'])).status).toBe(2);
});

test('an output folder that cannot be: told before any work', async () => {
  const { status, stderr } = await vitrine(['process', job(local), '-o', 'jobs/front.jpg/out']);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/jobs\/front\.jpg\/out\/ cannot be used \(ENOTDIR\)/),
  ]);
});

test('Gemini first, with the key of the environment or of the job file', async () => {
  gemini.script = [echo];
  const args = ['-o', 'gemini', '--json', '--prompt', 'Whiter.', '--gemini-model', 'gemini-9-image'];
  const { stdout } = await vitrine(['process', job(local), ...args], { GEMINI_API_KEY: KEY });
  expect(JSON.parse(stdout)).toMatchObject({ errors: {}, cleaned_up_by: 'gemini-9-image' });
  const own = job({ ...local, secrets: { gemini_api_key: KEY } });
  expect((await vitrine(['process', own, ...args])).status).toBe(0);
  expect(gemini.asked.map(({ key }) => key)).toEqual([KEY, KEY, KEY, KEY]);
});

test('Ctrl-C ends it and leaves nothing', async () => {
  const file = job({ ...local, output: { front: `${base}/never` } });
  let pid = 0;
  const run = vitrine(['process', file, '-o', 'stopped'], {}, (started) => (pid = started));
  await waitFor(() => filesBelow(temp).some((name) => name.endsWith('input')));
  process.kill(pid, 'SIGINT');
  const { status, stderr } = await run;
  expect([status, stderr]).toEqual([1, expect.stringContaining('cancelled')]);
  expect(readdirSync(folder)).not.toContain('stopped');
});
