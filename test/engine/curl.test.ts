import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { packVersion } from '../../lib/contracts';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { generatingModels } from '../diffusion/support';
import { tinyModels } from '../support/models';
import { pixelAt, writePackshot } from '../support/pictures';
import { startReceiver } from '../support/receiver';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** The commands that the seeds print, run by a shell as they stand there; only addresses are those of the test. */
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const withCurl = hasCurl ? test : test.skip;
const skipped = hasCurl ? '' : ' (skipped: there is no curl on this machine)';
const PRINTED = 'http://localhost:8089';
const folder = tempFolder();
let engine: TestEngine;
let pictures: string;

beforeAll(async () => {
  const photo = readFileSync(await writePackshot(folder, 'product_image.jpg'));
  pictures = await listen((_request, response) => response.end(photo));
  engine = await startEngine(folder, {
    VITRINE_MODELS_DIR: tinyModels(folder),
    VITRINE_ALLOW_HOSTS: '127.0.0.1',
    VITRINE_DATA_ROOTS: folder,
  });
});
afterAll(() => engine.stop());

/** What the command prints; its failure is the test's. */
async function shell(command: string, { url } = engine): Promise<string> {
  const here = command.replaceAll(PRINTED, url).replaceAll('https://example.com', pictures);
  const { stdout } = await promisify(execFile)('sh', ['-c', here], { cwd: folder });
  return stdout;
}

withCurl(`POST /background/cleanup, then GET /download/{filename}, as printed${skipped}`, async () => {
  const result = JSON.parse(
    await shell(`curl -X POST "http://localhost:8089/background/cleanup" \\
  -F "file=@product_image.jpg" \\
  -F "mode=transparent" \\
  -F "enhance_fg=true" \\
  -F "denoise=false"`),
  );
  expect(result).toMatchObject({ mode: 'transparent', format: 'png', width: 320, height: 240 });
  const name = result.artifacts.output.split('/').pop();
  await shell(`curl -f -o cutout.png http://localhost:8089/download/${name}`);
  const cutout = join(folder, 'cutout.png');
  expect([(await pixelAt(cutout, 0.02, 0.02))[3], (await pixelAt(cutout, 0.5, 0.5))[3]]).toEqual([0, 255]);
});

withCurl(`POST /background/cleanup with nothing but a file${skipped}`, async () => {
  const result = JSON.parse(
    await shell('curl -X POST "http://localhost:8089/background/cleanup" -F "file=@product_image.jpg"'),
  );
  expect(result).toMatchObject({ mode: 'transparent', format: 'png' });
});

withCurl(`POST /background/cleanup in mode soften keeps the original format${skipped}`, async () => {
  const result = JSON.parse(
    await shell(
      'curl -X POST "http://localhost:8089/background/cleanup" -F "file=@product_image.jpg" -F "mode=soften"',
    ),
  );
  expect(result).toMatchObject({ mode: 'soften', format: 'jpeg' });
});

const body = `{
  "id": 123,
  "output": {
    "front": "https://example.com/front.png",
    "back": "https://example.com/back.png"
  }
}`;
const post = (json: string) =>
  `curl -X POST http://localhost:8089/process -H "Content-Type: application/json" -d '${json}'`;

withCurl(
  `POST /process with the printed body: RMBG 2.0 cuts, BiRefNet says what it lacks${skipped}`,
  async () => {
    const result = JSON.parse(await shell(post(body)));
    expect(result).toMatchObject({ id: 123, processing_time_seconds: expect.any(Number) });
    for (const side of ['front', 'back']) {
      const file = join(folder, `${side}.png`);
      await shell(`curl -f -o ${side}.png ${result[`${side}_rmbg`]}`);
      expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 320, height: 240 });
      expect((await pixelAt(file, 0.02, 0.02))[3]).toBe(0);
      // Its real file, of known hash, cannot be part of the tests.
      expect(result[`${side}_birefnet`]).toBeNull();
      expect(result.errors[`${side}_birefnet`].message).toContain('Model files not found: birefnet');
    }
  },
);

withCurl(`POST /process with another network in BiRefNet’s place: all four${skipped}`, async () => {
  const result = JSON.parse(await shell(post(body.replace('{', '{ "birefnet_model": "my-birefnet",'))));
  expect(result.errors).toEqual({});
  for (const output of ['front_rmbg', 'front_birefnet', 'back_rmbg', 'back_birefnet'])
    expect(result[output]).toMatch(
      new RegExp(`^${engine.url}/outputs/design_123_[\\w-]{22}_${output}\\.png$`),
    );
});

const replace = `curl -X POST "http://localhost:8089/background/replace" \\
  -F "file=@product_image.jpg" \\
  -F "prompt=modern minimalist studio with soft lighting" \\
  -F "negative_prompt=people, text, watermark, cluttered" \\
  -F "steps=25" \\
  -F "guidance_scale=7.5" \\
  -F "enhance_fg=true" \\
  -F "match_colors=true" \\
  -F "feather_edges=true"`;

withCurl(
  `POST /background/replace, as printed: its prompt needs a generator, and says so${skipped}`,
  async () => {
    expect(JSON.parse(await shell(replace)).error.code).toBe('NO_GENERATOR');
    const drawn = replace.replace('prompt=modern minimalist studio with soft lighting', 'preset=minimalist');
    expect(JSON.parse(await shell(drawn))).toMatchObject({ preset: 'minimalist', format: 'jpeg' });
  },
);

withCurl(
  `POST /background/replace, as printed, where MODEL_ID names a model that is here${skipped}`,
  async () => {
    const own = join(folder, 'generating');
    const models = generatingModels(own);
    const generating = await startEngine(own, { VITRINE_MODELS_DIR: models, MODEL_ID: 'tiny-sd' });
    try {
      const result = JSON.parse(await shell(replace, generating));
      expect(result).toMatchObject({
        ...{ engine: 'sdxl', preset: null, format: 'jpeg', width: 320, height: 240 },
        pictures: [{ generated: { model: 'tiny-sd', cached: false } }],
      });
      await shell(`curl -f -o generated.jpg ${result.artifacts.output}`);
      expect(await sharp(join(folder, 'generated.jpg')).metadata()).toMatchObject({
        width: 320,
        height: 240,
      });
    } finally {
      await generating.stop();
    }
  },
);

withCurl(`POST /api/background/replace, as printed${skipped}`, async () => {
  const receiver = await startReceiver();
  const printed = `curl -X POST http://localhost:3001/api/background/replace \\
  -H "Content-Type: application/json" \\
  -d '{
    "mediaId": "media-123",
    "inputPath": "/path/to/input.jpg",
    "projectId": "project-456",
    "preset": "product-studio",
    "callbackUrl": "https://your-app.com/webhooks/background"
  }'`;
  const here = printed
    .replace('http://localhost:3001', PRINTED)
    .replace('/path/to/input.jpg', join(folder, 'product_image.jpg'))
    .replace('https://your-app.com', receiver.url);
  const answer = JSON.parse(await shell(here));
  expect(answer).toEqual({ jobId: expect.stringMatching(/^[\w-]{36}$/) });
  const [{ json }] = await waitFor(() => receiver.received.length > 0 && receiver.received);
  expect(json).toEqual({
    event: 'background.job.succeeded',
    jobId: answer.jobId,
    mediaId: 'media-123',
    projectId: 'project-456',
    outputUrl: expect.stringContaining(`${engine.url}/download/`),
    timestamp: expect.any(String),
  });
  await shell(`curl -f -o replaced.jpg ${json.outputUrl}`);
  expect(await sharp(join(folder, 'replaced.jpg')).metadata()).toMatchObject({ format: 'jpeg', width: 320 });
  const { state } = JSON.parse(await shell(`curl http://localhost:8089/api/background/jobs/${answer.jobId}`));
  expect(state).toBe('succeeded');
});

withCurl(`GET /health${skipped}`, async () => {
  expect(JSON.parse(await shell('curl http://localhost:8089/health'))).toMatchObject({
    status: 'ok',
    service: 'vitrine',
    version: packVersion,
    device: 'auto',
    models_loaded: expect.any(Array),
    configuration: expect.any(Object),
  });
});
