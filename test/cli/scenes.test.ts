import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtFile } from '../../lib/contracts';
import { generatingModels } from '../diffusion/support';
import { waitFor } from '../support/engine';
import { type Gemini, picture, startGemini } from '../support/gemini';
import { pixelAt, writePackshot } from '../support/pictures';
import { type Runway, startRunway, succeeded, task } from '../support/runway';
import { scenePicture } from '../support/scenes';
import { tempFolder } from '../support/temp';

/** Scenes by Runway and Gemini on the terminal, with keys of the environment and stand-ins for both. */
const KEYS = { RUNWAY_API_KEY: 'key_very-secret-0123456789', GEMINI_API_KEY: 'AIza-very-secret-0123' };
const folder = tempFolder();
const temp = join(folder, 'tmp');
let gemini: Gemini;
let runway: Runway;

beforeAll(async () => {
  mkdirSync(temp);
  await writePackshot(folder, 'input.jpg');
  const scene = await scenePicture();
  gemini = await startGemini();
  gemini.script = [picture(scene)];
  runway = await startRunway(scene);
});
beforeEach(() => {
  gemini.asked.splice(0);
  runway.asked.splice(0);
});
afterEach(() => expect(readdirSync(temp)).toEqual([]));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** @param onStart given the running process */
function replace(args: string[], env: object, onStart?: (pid: number) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [builtFile('lib/cli/main.js'), 'replace', ...args],
      {
        cwd: folder,
        env: {
          ...process.env,
          VITRINE_HOME: join(folder, 'home'),
          VITRINE_TEMP_DIR: temp,
          VITRINE_GEMINI_URL: gemini.url,
          VITRINE_RUNWAY_URL: runway.url,
          ...env,
        },
      },
      (error, stdout, stderr) => {
        expect(stdout + stderr).not.toMatch(/very-secret|signed-and-secret/);
        resolve({ status: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      },
    );
    onStart?.(child.pid!);
  });
}

const wall = [205, 214, 222].map((value) => expect.closeTo(value, -1.3));

test('the seed’s command: --prompt', async () => {
  const prompt = [
    '--model',
    'plain',
    '--in',
    'input.jpg',
    '--out',
    'output.png',
    '--prompt',
    'clean white background',
  ];
  const asked = await replace(prompt, { GEMINI_API_KEY: KEYS.GEMINI_API_KEY });
  expect([asked.status, asked.stderr]).toEqual([0, expect.stringContaining('input.jpg: Gemini: at work')]);
  expect((await pixelAt(join(folder, 'output.png'), 0.01, 0.01)).slice(0, 3)).toEqual(wall);
  expect(gemini.asked[0].body.contents[0].parts[0].text).toContain('clean white background');
});

test('the seed’s command: --prompt, with the model of MODEL_ID', async () => {
  const args = ['--in', 'input.jpg', '--out', 'drawn.png', '--prompt', 'clean white background'];
  const local = { VITRINE_MODELS_DIR: generatingModels(folder), MODEL_ID: 'tiny-sd' };
  const { status, stdout } = await replace(['--model', 'plain', ...args, '--json'], local);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ engine: 'sdxl', preset: null, artifacts: { output: 'drawn.png' } },
    pictures: [{ generated: { model: 'tiny-sd', cached: false } }],
  });
  expect(await sharp(join(folder, 'drawn.png')).metadata()).toMatchObject({ width: 320, height: 240 });
  expect([...gemini.asked, ...runway.asked]).toEqual([]);
});

test('the seed’s command: --engine runway', async () => {
  const named = await replace(
    ['--model', 'plain', '--in', 'input.jpg', '--out', 'output2.png', '--engine', 'runway'],
    KEYS,
  );
  expect(named.status).toBe(0);
  expect(named.stderr).toMatch(/input.jpg: Runway: queued \(gen4_image, about 5 credits\)/);
  expect(named.stderr).toMatch(/-> output2.png \(.+, 8 credits\)/);
  expect(runway.asked[0].body!.promptText).toMatch(/^clean white studio background/);
});

test('a scene of an earlier command is not paid for again, which --json says', async () => {
  const args = [
    '--model',
    'plain',
    'input.jpg',
    '-o',
    'again.png',
    '--prompt',
    'a lake',
    '--engine',
    'RUNWAY',
    '--json',
  ];
  const costs: unknown[] = [];
  for (let times = 0; times < 2; times++) {
    const { stdout } = await replace([...args, '--on-existing', 'overwrite'], KEYS);
    const { cost, pictures } = JSON.parse(stdout);
    costs.push([cost?.credits ?? 0, pictures[0].generated.cached]);
  }
  expect(costs).toEqual([
    [8, false],
    [0, true],
  ]);
  expect(runway.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('Ctrl-C cancels the task at Runway, and leaves nothing behind', async () => {
  runway.look = [task({ status: 'RUNNING', progress: 0.1 })];
  const args = ['input.jpg', '-o', 'never.png', '--prompt', 'a long road', '--engine', 'runway'];
  const { status } = await replace(args, KEYS, (pid) => {
    void waitFor(() => runway.asked.length > 0).then(() => process.kill(pid, 'SIGINT'));
  });
  expect(status).not.toBe(0);
  expect(runway.cancelled()).toBe(true);
  expect(existsSync(join(folder, 'never.png'))).toBe(false);
  runway.look = [succeeded(runway)];
});
