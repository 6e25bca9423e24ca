import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../lib/contracts';

test('defaults', () => {
  expect(loadConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 8089,
    device: 'auto',
    outputDir: './output',
    requestsPerMinute: 10,
    outputTtlHours: 24,
    idleSeconds: 600,
    debug: false,
    halfPrecision: true,
    bgEngine: 'auto',
    allow4k: false,
    offline: false,
    allowHosts: [],
  });
});

test('the names of the seeds', () => {
  const env = {
    HOST: '0.0.0.0',
    PORT: '9000',
    DEVICE: 'CUDA',
    OUTPUT_DIR: '/out',
    BG_REQS_PER_MIN: '3',
    DEBUG: 'true',
    BASE_URL: 'http://h/',
    USE_FP16: 'false',
    BG_ENGINE: 'Stable-Diffusion',
    ALLOW_4K: '1',
  };
  expect(loadConfig(env)).toMatchObject({
    host: '0.0.0.0',
    port: 9000,
    device: 'cuda',
    outputDir: '/out',
    requestsPerMinute: 3,
    debug: true,
    baseUrl: 'http://h',
    halfPrecision: false,
    bgEngine: 'sdxl',
    allow4k: true,
  });
});

test.each([
  [{ PORT: 'eighty' }, /Expected PORT to be a whole number from 0 to 65535 but received "eighty"/],
  [{ DEVICE: 'tpu' }, /Expected DEVICE to be one of auto, cpu, .+ but received "tpu"/],
  [
    { MODEL_ID: '/models/sdxl' },
    /Expected MODEL_ID to be the id of a model, such as sdxl-base.+ but received/,
  ],
  [{ BG_ENGINE: 'dalle' }, /Expected BG_ENGINE to be one of auto, studio, .+ but received "dalle"/],
  [{ DEBUG: 'perhaps' }, /Expected DEBUG to be true or false but received "perhaps"/],
  [
    { HF_ENDPOINT: 'hub.lan' },
    /Expected HF_ENDPOINT to be an http or https address such as .+ but received "hub\.lan"/,
  ],
  [
    { VITRINE_GEMINI_URL: 'http://gemini.lan' },
    /Expected VITRINE_GEMINI_URL to be an https address, or one of this machine but received/,
  ],
  [{ VITRINE_MAX_MEGAPIXELS: '0' }, /Expected VITRINE_MAX_MEGAPIXELS/],
])('%j is refused by name', (env, expected) => {
  expect(() => loadConfig(env)).toThrow(expected);
});

test('where models come from', () => {
  expect(loadConfig({})).toMatchObject({
    hubEndpoint: 'https://huggingface.co',
    hubToken: undefined,
    modelsMirror: undefined,
  });
  const env = {
    HF_ENDPOINT: 'https://hub.lan/hf/',
    HF_TOKEN: ' hf_x\n',
    VITRINE_MODELS_MIRROR: 'http://files.lan/',
  };
  expect(loadConfig(env)).toMatchObject({
    hubEndpoint: 'https://hub.lan/hf',
    hubToken: 'hf_x',
    modelsMirror: 'http://files.lan',
  });
});

test('Gemini: the key, the model, the address', () => {
  expect(loadConfig({})).toMatchObject({
    geminiModel: 'gemini-3.1-flash-image',
    geminiUrl: 'https://generativelanguage.googleapis.com',
  });
  const env = {
    GEMINI_API_KEY: ' k\n',
    VITRINE_GEMINI_MODEL: 'other',
    VITRINE_GEMINI_URL: 'http://127.0.0.1:9/',
  };
  expect(loadConfig({}).secrets.reveal()).toEqual({});
  expect(loadConfig(env).secrets.reveal()).toEqual({ gemini_api_key: 'k' });
  expect(loadConfig(env)).toMatchObject({
    geminiModel: 'other',
    geminiUrl: 'http://127.0.0.1:9',
  });
});

test('a list of hosts', () => {
  expect(loadConfig({ VITRINE_ALLOW_HOSTS: ' 10.0.0.0/8, files.local ,' }).allowHosts).toEqual([
    '10.0.0.0/8',
    'files.local',
  ]);
});

const TOKEN = 'a-token-that-is-long-enough';

test('a token, without the blanks and line ends of a file around it', () => {
  expect(loadConfig({ VITRINE_TOKEN: `${TOKEN} \n` }).token).toBe(TOKEN);
  expect(loadConfig({ VITRINE_TOKEN: '  ' }).token).toBeUndefined();
});

test.each(['x', 'fifteen-letters', 'two words of a token', 'schlüssel-aus-buchstaben', 'x'.repeat(513)])(
  'the token %j is refused, unquoted',
  (token) => {
    const read = () => loadConfig({ VITRINE_TOKEN: token });
    expect(read).toThrow(/^Expected VITRINE_TOKEN to be a text of 16 to 512 .+ received something else/);
    expect(read).not.toThrow(`received "${token.slice(0, 3)}`);
  },
);

test('VITRINE_DATA_ROOTS lists full paths with semicolons between them', () => {
  const roots = (list: string) => loadConfig({ VITRINE_DATA_ROOTS: list }).dataRoots;
  expect(roots('/data; ~/files ;~;')).toEqual(['/data', join(homedir(), 'files'), homedir()]);
  expect(roots('')).toEqual([]);
  expect(() => roots('/data;files')).toThrow('Expected VITRINE_DATA_ROOTS to be full paths');
});

test.each([
  [undefined, 'sdxl-base'],
  [' ', 'sdxl-base'],
  ['stabilityai/stable-diffusion-xl-base-1.0', 'sdxl-base'],
  ['Stabilityai/SD-Turbo', 'sd-turbo'],
  ['black-forest-labs/FLUX.2-klein-4B', 'flux2-klein'],
  ['my-own.sdxl', 'my-own.sdxl'],
])('MODEL_ID %j is the generator %s', (MODEL_ID, id) => {
  expect(loadConfig({ MODEL_ID }).modelId).toBe(id);
});

test('limits of videos, and the ffmpeg that reads them', () => {
  expect(loadConfig({})).toMatchObject({
    videoLimits: { maxBytes: 2 ** 31, maxSeconds: 600, maxPixels: 64e6, stallSeconds: 20 },
    ffmpegPath: undefined,
  });
  const env = {
    VITRINE_MAX_VIDEO_MB: '3',
    VITRINE_MAX_VIDEO_SECONDS: '30',
    VITRINE_MAX_MEGAPIXELS: '2',
    VITRINE_DECODE_SECONDS: '5',
    FFMPEG_PATH: '/opt/ffmpeg',
  };
  expect(loadConfig(env)).toMatchObject({
    videoLimits: { maxBytes: 3 * 1024 * 1024, maxSeconds: 30, maxPixels: 2e6, stallSeconds: 5 },
    ffmpegPath: '/opt/ffmpeg',
  });
});
