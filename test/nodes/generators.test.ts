import { inspect } from 'node:util';
import {
  type IAuthenticateGeneric,
  type IDataObject,
  type ILoadOptionsFunctions,
  type INodePropertyOptions,
  type INodeType,
  NodeApiError,
} from 'n8n-workflow';
import { type Gemini, picture, startGemini } from '../support/gemini';
import { type Runway, startRunway } from '../support/runway';
import { scenePicture } from '../support/scenes';
import { type TestEngine, startEngine } from './support/engine';
import { contentOf, loadPack, oneNode, runWorkflow, useBinaryMode } from './support/n8n';
import { photoItem, readPixels } from './support/photos';

/** Scenes by Runway and Gemini in n8n's own executor, with a real engine and stand-ins for both. */
const NODE = 'Background Replace';
const KEYS = { gemini: 'AIza-very-secret-0123', runway: 'key_very-secret-0123456789' };
let engine: TestEngine;
let gemini: Gemini;
let runway: Runway;
let pack: Awaited<ReturnType<typeof loadPack>>;

beforeAll(async () => {
  pack = await loadPack();
  const scene = await scenePicture();
  gemini = await startGemini();
  gemini.script = [picture(scene)];
  runway = await startRunway(scene);
  engine = await startEngine({ VITRINE_GEMINI_URL: gemini.url, VITRINE_RUNWAY_URL: runway.url });
});
afterAll(async () => await engine?.stop());
beforeEach(async () => {
  await useBinaryMode('filesystem');
  gemini.asked.splice(0);
  runway.asked.splice(0);
});

type Service = keyof typeof KEYS;

async function run(parameters: IDataObject, services: Service[]) {
  const credentials = {
    vitrineEngineApi: { id: '1', name: 'Engine' },
    ...(services.includes('gemini') && { vitrineGeminiApi: { id: '2', name: 'Gemini' } }),
    ...(services.includes('runway') && { vitrineRunwayApi: { id: '3', name: 'Runway' } }),
  };
  const all = { engineLocation: 'remote', model: 'plain', ...parameters };
  const node = { name: NODE, type: 'n8n-nodes-vitrine.backgroundReplace', credentials };
  const done = await runWorkflow(pack, oneNode(all, node), {
    items: [await photoItem('mug.jpg', 240, 180)],
    credentials: {
      vitrineEngineApi: { urls: engine.url, token: engine.token },
      vitrineGeminiApi: { apiKey: KEYS.gemini },
      vitrineRunwayApi: { apiKey: KEYS.runway },
    },
  });
  expect(inspect(done.run, { depth: 30 })).not.toContain('very-secret');
  return done;
}

it('has Gemini make the scene of a prompt, with the key and the model of the node', async () => {
  const options = { generatorModel: 'gemini-9-image', seed: 5 };
  const done = await run({ backdrop: 'gemini', prompt: 'a sunny kitchen', options }, ['gemini']);
  const [item] = done.output(NODE);
  expect(item.json).toMatchObject({
    ...{ engine: 'gemini', preset: null, seed: 5, warnings: [] },
    generated: { model: 'gemini-9-image', cached: false, light: 'left' },
  });
  expect(gemini.asked).toMatchObject([{ key: KEYS.gemini, path: expect.stringContaining('gemini-9-image') }]);
  const { at } = await readPixels(await contentOf(item.binary!.data));
  expect(at(0.02, 0.02)).toEqual([205, 214, 222].map((value) => expect.closeTo(value, -1.3)));
});

it('has Runway make the scene of a preset, and says what it cost', async () => {
  const done = await run({ backdrop: 'runway', preset: ['bathroom'] }, ['gemini', 'runway']);
  expect(done.output(NODE)[0].json).toMatchObject({
    ...{ engine: 'runway', preset: 'bathroom' },
    generated: { model: 'gen4_image', cost: { credits: 8 } },
  });
  expect(runway.asked[0].authorization).toBe(`Bearer ${KEYS.runway}`);
  expect(gemini.asked).toEqual([]);
});

it('takes whichever key there is where the backdrop is left at Auto, and no model of the other service', async () => {
  const options = { generatorModel: 'gen4_image' };
  const done = await run({ prompt: 'a wooden bench', options }, ['gemini']);
  expect(done.output(NODE)[0].json.engine).toBe('gemini');
});

it('says what is missing without a key', async () => {
  const error = (await run({ backdrop: 'runway', prompt: 'x' }, [])).error(NODE)!;
  expect([error.message, error.description]).toEqual([
    expect.stringContaining('generate a scene'),
    expect.stringContaining('RUNWAY_API_KEY'),
  ]);
});

describe.each([
  ['vitrineRunwayApi', 'https://api.dev.runwayml.com', '/v1/organization'],
  ['vitrineGeminiApi', 'https://generativelanguage.googleapis.com', '/v1beta/models'],
])('the Test button of %s', (name, baseURL, url) => {
  it('asks the service itself for something that every key may have', () => {
    const { test: asked, authenticate, properties } = pack.getCredential(name).type;
    expect(asked!.request).toEqual({ baseURL, url });
    const { headers } = (authenticate as IAuthenticateGeneric).properties;
    expect(JSON.stringify(headers)).toContain('$credentials.apiKey');
    expect(properties[0]).toMatchObject({ name: 'apiKey', typeOptions: { password: true } });
  });
});

it('tells Runway which version of its API is meant', () => {
  const { authenticate } = pack.getCredential('vitrineRunwayApi').type;
  const { headers } = (authenticate as IAuthenticateGeneric).properties;
  expect(headers).toEqual({
    Authorization: '={{ "Bearer " + $credentials.apiKey }}',
    'X-Runway-Version': '2024-11-06',
  });
});

describe('the list of models', () => {
  async function list(backdrop: string, answer: unknown, credentials: object) {
    const asked: unknown[] = [];
    const context = {
      getNode: () => ({ name: NODE, credentials }),
      getCurrentNodeParameter: () => backdrop,
      helpers: {
        httpRequestWithAuthentication: async (...request: unknown[]) => {
          asked.push(request);
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    };
    const { methods } = pack.getNode('backgroundReplace').type as INodeType;
    const load = methods!.loadOptions!.getGeneratorModels;
    const models = (await load.call(context as unknown as ILoadOptionsFunctions)) as INodePropertyOptions[];
    return { asked, models: models.map(({ value }) => value) };
  }

  const both = { vitrineGeminiApi: { id: '2' }, vitrineRunwayApi: { id: '3' } };

  it('has what Gemini answers with pictures, just now', async () => {
    const answer = {
      models: [
        { name: 'models/gemini-9-text', supportedGenerationMethods: ['generateContent'] },
        { name: 'models/gemini-9-image', supportedGenerationMethods: ['generateContent'] },
        { name: 'models/imagen-9', supportedGenerationMethods: ['predict'] },
      ],
    };
    const { asked, models } = await list('gemini', answer, both);
    expect(models).toEqual(['', 'gemini-9-image']);
    const url = 'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000';
    expect(asked).toEqual([['vitrineGeminiApi', { url, json: true }]]);
  });

  it('has what Runway lets this key use, and what makes a picture from a prompt', async () => {
    const models = { gen4_image: {}, gen4_image_turbo: {}, gen4_turbo: {}, gpt_image_2: {} };
    const listed = await list('runway', { creditBalance: 5, tier: { models } }, both);
    expect(listed.models).toEqual(['', 'gen4_image', 'gpt_image_2']);
    expect(listed.asked).toEqual([
      ['vitrineRunwayApi', { url: 'https://api.dev.runwayml.com/v1/organization', json: true }],
    ]);
  });

  it.each([
    ['gemini', {}],
    ['auto', both],
  ])('asks nobody for %s with the credentials %j', async (backdrop, credentials) => {
    expect(await list(backdrop, {}, credentials)).toEqual({ asked: [], models: [''] });
  });

  it('says what the service says', async () => {
    const refused = Object.assign(new Error('Request failed with status code 401'), { httpCode: '401' });
    await expect(list('runway', refused, both)).rejects.toBeInstanceOf(NodeApiError);
  });
});
