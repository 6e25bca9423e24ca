import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDotEnv } from '../../lib/cli/dotenv';
import { startEngine } from '../support/engine';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const file = join(folder, '.env');

test('a file that is not there is fine', () => {
  const env = {};
  readDotEnv(env, join(folder, 'nowhere'));
  expect(env).toEqual({});
});

test('what the environment has wins, and only our own settings are taken', () => {
  writeFileSync(
    file,
    'PORT=9000\nDEBUG=true # all of it\nHF_TOKEN="hf x"\nNODE_OPTIONS=--inspect\nPATH=/evil\n',
  );
  const env: NodeJS.ProcessEnv = { PORT: '1', DEBUG: '' };
  readDotEnv(env, file);
  expect(env).toEqual({ PORT: '1', DEBUG: '', HF_TOKEN: 'hf x' });
});

test('a folder of that name is named', () => {
  mkdirSync(join(folder, 'dir'));
  expect(() => readDotEnv({}, join(folder, 'dir'))).toThrow(/Expected \.env to be a file that can be read/);
});

test('vitrine serve reads .env of its working folder', async () => {
  const place = join(folder, 'service');
  mkdirSync(place);
  writeFileSync(
    join(place, '.env'),
    'VITRINE_OUTPUT_TTL_HOURS=7\nBG_REQS_PER_MIN=5\nNODE_OPTIONS=--frozen\n',
  );
  const engine = await startEngine(place);
  try {
    const { configuration } = await (await fetch(`${engine.url}/health`)).json();
    expect(configuration).toMatchObject({ output_ttl_hours: 7, requests_per_minute: 0 });
    expect((await fetch(`${engine.url}/ready`)).status).toBe(200);
  } finally {
    await engine.stop();
  }
});
