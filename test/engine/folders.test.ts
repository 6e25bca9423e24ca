import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';
import { type TestEngine, post, startEngine } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();

describe('a folder of a running engine', () => {
  const outputDir = join(folder, 'results');
  let engine: TestEngine;
  let photo: string;
  beforeAll(async () => {
    photo = await writePackshot(folder);
    engine = await startEngine(folder, { OUTPUT_DIR: outputDir });
  });
  afterAll(() => engine.stop());
  const cut = () => post(`${engine.url}/background/cleanup`, photo);

  test('of results, which a cleaner takes away, is made anew', async () => {
    rmSync(outputDir, { recursive: true });
    const answer = await cut();
    expect(answer.status).toBe(200);
    expect((await fetch((await answer.json()).artifacts.output)).status).toBe(200);
  });

  test.each([
    ['OUTPUT_DIR', outputDir],
    ['VITRINE_TEMP_DIR', join(folder, 'tmp')],
  ])('%s that cannot be used: the answer names it, the user and what to do', async (variable, place) => {
    rmSync(place, { recursive: true });
    writeFileSync(place, '');
    const answer = await cut();
    expect(answer.status).toBe(500);
    const { error } = await answer.json();
    expect(error).toEqual({
      code: 'FILE_ERROR',
      message: expect.stringMatching(
        new RegExp(
          `^${variable} leads to no folder .*\\(user id \\d+\\).*${place} cannot be used \\(EEXIST\\)`,
        ),
      ),
      hint: expect.stringContaining(`set ${variable}`),
    });
    rmSync(place);
    expect((await cut()).status).toBe(200);
  });
});

test.each([
  ['VITRINE_LOG_DIR', 'logs'],
  ['OUTPUT_DIR', 'output'],
])('serve where %s cannot be made says which setting to use, and blames no port', (variable, name) => {
  const cwd = join(folder, `no-${name}`);
  mkdirSync(cwd);
  writeFileSync(join(cwd, name), '');
  const env = { PATH: process.env.PATH, VITRINE_HOME: cwd, VITRINE_TEMP_DIR: cwd, PORT: '0' };
  const { status, stderr } = spawnSync(process.execPath, [builtFile('lib/cli/main.js'), 'serve'], {
    ...{ cwd, env, encoding: 'utf8', timeout: 30_000 },
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`${variable} leads to no folder that this process \\(user id \\d+\\)`));
  expect(stderr).toContain(join(cwd, name));
  expect(stderr).not.toMatch(/PORT|127\.0\.0\.1/);
  expect(readdirSync(cwd).filter((left) => left.startsWith('vitrine-jobs-'))).toEqual([]);
});
