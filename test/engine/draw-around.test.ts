import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GenerateInput,
  type SceneRequest,
  type SeedScore,
  Secrets,
  loadConfig,
} from '../../lib/contracts';
import type { WorkerPool } from '../../lib/engine';
import { sceneFor } from '../../lib/engine/generators';
import type { GeneratorTools } from '../../lib/engine/generators/types';
import { waitFor } from '../support/engine';
import { tempFolder } from '../support/temp';

/** Scenes around a product on their way from a job to a worker, which is a stand-in here. */
const folder = tempFolder();
const jobs = join(folder, 'jobs');
mkdirSync(jobs);

/** @param scores what the worker says of the seeds */
function standIn(scores?: SeedScore[]) {
  const asked: GenerateInput[] = [];
  const products: string[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const generate = async (input: GenerateInput, inner: string) => {
    asked.push(input);
    await gate;
    products.push(readFileSync(input.around!.file, 'utf8'));
    const file = join(inner, 'scene.png');
    writeFileSync(file, 'a scene');
    return { file, model: 'tiny', seed: 5, scores, warnings: [] };
  };
  const run = (task: string, input: GenerateInput, options: { folder: string }) =>
    task === 'generate'
      ? generate(input, options.folder)
      : Promise.resolve({ width: 64, height: 64, occupied: 0.3 });
  const homeDir = mkdtempSync(join(folder, 'home-'));
  const tools: GeneratorTools = {
    config: { ...loadConfig({ MODEL_ID: 'tiny' }), homeDir },
    pool: { run } as unknown as WorkerPool,
    params: {},
    secrets: new Secrets(),
    onDefect: (error) => {
      throw error;
    },
  };
  return { asked, products, open, tools };
}

/** A job's folder with a product in it, and how it asks for a scene around that. */
function jobWith(product: string, { tries = 3, signal = new AbortController().signal } = {}) {
  const own = mkdtempSync(join(jobs, 'job-'));
  const file = join(own, 'product-1.png');
  writeFileSync(file, product);
  const request: SceneRequest = {
    ...{ engine: 'sdxl', prompt: 'a shelf', negativePrompt: '', seed: 5, steps: 20, guidanceScale: 7.5 },
    ...{ width: 64, height: 64, around: { file, tries } },
  };
  const ask = (tools: GeneratorTools) =>
    sceneFor(request, tools, { folder: own, name: 'scene-1', signal, onProgress: () => undefined });
  return { own, ask };
}

test('the product in the middle is no reason to try again, and it is the mask as well', async () => {
  const { asked, open, tools } = standIn();
  open();
  const { warnings } = await jobWith('a mug').ask(tools);
  expect(warnings).toEqual([]);
  expect(asked).toHaveLength(1);
  const { file, mask, tries } = asked[0].around!;
  expect([mask, tries]).toEqual([file, 3]);
});

test('what the best of several seeds still adds to the product is told', async () => {
  const grown = async (...expansions: number[]) => {
    const { open, tools } = standIn(expansions.map((expansion, seed) => ({ seed, expansion })));
    open();
    return jobWith('a mug').ask(tools);
  };
  expect((await grown(0.9, 0.4)).warnings).toEqual([expect.stringMatching(/best of 2 scenes.+by 40 %/)]);
  const fine = await grown(0.9, 0.1);
  expect([fine.warnings, fine.scores]).toEqual([
    [],
    [0.9, 0.1].map((expansion, seed) => ({ seed, expansion })),
  ]);
});

test('product and tries decide on a scene', async () => {
  const { asked, open, tools } = standIn();
  open();
  const ask = async (product: string, tries: number) => (await jobWith(product, { tries }).ask(tools)).cached;
  const cached = [await ask('a mug', 3), await ask('a jug', 3), await ask('a mug', 4), await ask('a mug', 3)];
  expect(cached).toEqual([false, false, false, true]);
  expect(asked).toHaveLength(3);
});

test('a job that waits for the scene of another one gets it when that one is given up', async () => {
  const { asked, products, open, tools } = standIn();
  const hangUp = new AbortController();
  const [first, second] = [jobWith('a mug', { signal: hangUp.signal }), jobWith('a mug')];
  const given = first.ask(tools);
  const waiting = second.ask(tools);
  await waitFor(() => asked.length > 0);
  hangUp.abort(new Error('given up'));
  await expect(given).rejects.toThrow('given up');
  rmSync(first.own, { recursive: true });
  open();
  expect((await waiting).seed).toBe(5);
  expect([asked.length, products]).toEqual([1, ['a mug']]);
  expect(readdirSync(jobs).filter((name) => name.startsWith('scene-'))).toEqual([]);
});
