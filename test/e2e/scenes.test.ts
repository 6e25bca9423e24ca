import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { type Gemini, failure, picture, startGemini } from '../support/gemini';
import { type Runway, startRunway, succeeded, task } from '../support/runway';
import { scenePicture } from '../support/scenes';
import { N8n } from './support/n8n';
import { PRODUCT, boxPhoto, formOf } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { SERVICE_KEYS, webhookPath } from './support/workflows';

/** Scenes by Runway and Gemini in a real n8n, with credentials that it keeps and stand-ins for both services. */
const home = newHome('scenes');
let n8n: N8n;
let gemini: Gemini;
let runway: Runway;

beforeAll(async () => {
  const scene = await scenePicture();
  gemini = await startGemini();
  gemini.script = [picture(scene)];
  runway = await startRunway(scene);
  const env = { VITRINE_GEMINI_URL: gemini.url, VITRINE_RUNWAY_URL: runway.url };
  await withLogs(async () => void (n8n = await N8n.start({ home: home.folder, env })));
});
afterAll(endAll);

async function post(backdrop: string, prompt: string): Promise<Response> {
  const photo = await boxPhoto(600, 450);
  const query = new URLSearchParams({ backdrop, prompt });
  return await n8n.webhook(`${webhookPath('scenes')}?${query}`, () => formOf({ photo }));
}

/** The wall of the scene in the corner, and the product in the middle as it was. */
async function expectScene(response: Response): Promise<void> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  const made = sharp(Buffer.from(await response.arrayBuffer()));
  const { data, info } = await made.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)];
  expect(at(8, 8)).toEqual([205, 214, 222].map((value) => expect.closeTo(value, -1.4)));
  expect(at(300, 225)).toEqual([PRODUCT.r, PRODUCT.g, PRODUCT.b].map((value) => expect.closeTo(value, -1)));
  const { xmp } = await made.metadata();
  expect(String(xmp)).toContain('compositeWithTrainedAlgorithmicMedia');
}

/** Neither n8n nor the engine wrote a key down where people read. */
function expectNoKey(): void {
  const logs = [n8n.logFile, ...home.files().filter((file) => file.endsWith('.log'))];
  const written = logs.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  expect(written.join('')).not.toContain('end-to-end-secret');
}

scenario('Gemini makes the scene', async () => {
  await expectScene(await post('gemini', 'a sunny kitchen'));
  expect(gemini.asked.map(({ key }) => key)).toEqual([SERVICE_KEYS.gemini]);
  expectNoKey();
});

scenario('Runway makes the scene, and the second time it is there already', async () => {
  runway.look = [task({ status: 'RUNNING', progress: 0.5 }), succeeded(runway)];
  await expectScene(await post('runway', 'a sunny kitchen'));
  const { authorization } = runway.asked[0];
  expect(authorization).toBe(`Bearer ${SERVICE_KEYS.runway}`);
  const before = runway.asked.length;
  await expectScene(await post('runway', 'a sunny kitchen'));
  expect(runway.asked).toHaveLength(before);
  expectNoKey();
});

scenario('what a service says is what the workflow fails with', async () => {
  gemini.script = [failure(400, 'API key not valid.', [{ reason: 'API_KEY_INVALID' }])];
  const response = await post('gemini', 'a dark cellar');
  expect(response.status).toBe(500);
  expectNoKey();
});
