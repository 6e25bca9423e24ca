import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { PRESETS } from '../../nodes/BackgroundReplace/presets';
import { listen } from '../support/web';
import { startEngine, type TestEngine } from './support/engine';
import { listOptions, withFreshHome } from './support/load-options';
import { loadPack } from './support/n8n';

/** The dropdown of presets, with a real engine whose models folder holds some of the user's own. */
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;
const models = mkdtempSync(join(tmpdir(), 'vitrine-presets-'));
const OWN = `presets:
  house-oak: { surface: wood, description: Our own oak. }
  terrace: { backdrop: generated, prompt: a terrace }
  marble: { surface: marble, reflection: 0.5 }
`;

beforeAll(async () => {
  writeFileSync(join(models, 'presets.local.yaml'), OWN);
  pack = await loadPack();
  engine = await startEngine({ VITRINE_MODELS_DIR: models });
});
afterAll(async () => {
  await engine?.stop();
  rmSync(models, { recursive: true });
});

const list = async (parameters: Record<string, string>, credentials?: ICredentialDataDecryptedObject) =>
  await listOptions(pack, ['backgroundReplace', 'getPresets'], parameters, credentials);
const remote = async (credentials: ICredentialDataDecryptedObject) =>
  await list({ engineLocation: 'remote' }, credentials);

it('shows the user’s own first, then those of the package', async () => {
  const presets = await remote({ urls: engine.url, token: engine.token });
  expect(presets.slice(0, 3).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: 'House Oak', value: 'house-oak', description: 'Your own; Our own oak' },
    { name: 'Marble', value: 'marble', description: 'Your own' },
    { name: 'Terrace', value: 'terrace', description: 'Your own; needs a generator' },
  ]);
  expect(presets.slice(3)).toEqual(PRESETS.filter(({ value }) => value !== 'marble'));
});

it('is that of the package where no engine runs, and opening it starts none', async () => {
  expect(await withFreshHome(() => list({ engineLocation: 'embedded' }))).toEqual({
    result: PRESETS,
    left: [],
  });
});

it('is that of the package where the remote engine does not answer, or does not know the question', async () => {
  expect(await remote({ urls: 'http://127.0.0.1:1', token: 't' })).toEqual(PRESETS);
  const error = { code: 'NOT_FOUND', message: 'There is no /presets', hint: '' };
  const older = await listen((_request, response) =>
    response.writeHead(404, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error })),
  );
  expect(await remote({ urls: older, token: 't' })).toEqual(PRESETS);
});

it('says what is wrong with the credential', async () => {
  await expect(remote({ urls: engine.url, token: 'wrong' })).rejects.toMatchObject({
    message: expect.stringContaining('token'),
    description: expect.stringContaining('VITRINE_TOKEN'),
  });
});

it('says what is wrong in a file of one’s own', async () => {
  writeFileSync(join(models, 'presets.local.yaml'), 'presets:\n  house: { colour: red }\n');
  await expect(remote({ urls: engine.url, token: engine.token })).rejects.toThrow(
    /presets\.local\.yaml cannot be used: presets\.house/,
  );
});
