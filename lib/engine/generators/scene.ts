import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type GeneratedScene, type SceneLook, type SceneRequest, VitrineError } from '../../contracts';
import { sidesOf } from '../../providers';
import { whenThereIsRoom } from '../when-there-is-room';
import { type KeptScene, SceneCache, type TakenScene, hashOf, sceneKey } from './cache';
import { SCENE_GENERATORS } from './table';
import type { GenerateContext, GeneratorTools, SceneGenerator } from './types';

/** Seeds are 32 bits. */
const SEEDS = 2 ** 32;
/** How far proportions may be from what was asked for, as a logarithm. */
const OFF = 0.06;

/** One for each folder, so that jobs of one process at the same time know of each other. */
const caches = new Map<string, SceneCache>();

function cacheIn(homeDir: string): SceneCache {
  const folder = join(homeDir, 'scenes');
  const cache = caches.get(folder) ?? new SceneCache(folder);
  caches.set(folder, cache);
  return cache;
}

/**
 * Has a scene made, or takes the one that was made for the same request before. One with a product of its own in the
 * middle is tried again with the next seed, as often as its generator allows; the emptiest one counts. One that is drawn
 * around the product has it in the middle, as it should.
 * @param context `folder` is the job's own, where the picture is written under `name`
 * @throws VitrineError what the generator was refused for; INVALID_IMAGE and others where it sent no picture; what the
 *   signal was aborted with
 */
export async function sceneFor(
  request: SceneRequest,
  tools: GeneratorTools,
  context: GenerateContext & { name: string },
): Promise<GeneratedScene> {
  const { engine } = request;
  const generator = SCENE_GENERATORS[engine];
  const tried: TakenScene[] = [];
  while (tried.length < generator.tries && tried.every(({ look }) => look.occupied)) {
    const asked = { ...request, seed: (request.seed + tried.length) % SEEDS };
    tried.push(await take(asked, generator, tools, context));
  }
  const best = tried.reduce((least, each) => (each.look.occupied < least.look.occupied ? each : least));
  const file = join(context.folder, context.name);
  await writeFile(file, best.picture);
  const { model, seed, cached, scores, warnings } = best;
  const paid = tried.map(({ cost }) => cost).filter((cost) => cost !== undefined);
  return {
    ...{ file, engine, model, seed, cached, scores },
    ...(paid.length && { cost: { credits: paid.reduce((sum, { credits }) => sum + credits, 0) } }),
    warnings: [...warnings, ...aboutTries(tried, best)],
  };
}

function aboutTries(tried: TakenScene[], { seed, look }: TakenScene): string[] {
  if (look.occupied) {
    const count = tried.length === 1 ? 'the scene' : `${tried.length} scenes`;
    return [
      `A product of its own seems to stand in the middle of ${count}: look at the picture, choose another seed, or say in the prompt that the place is empty.`,
    ];
  }
  return tried.length > 1
    ? [`A first scene had a product of its own in the middle: the one of the seed ${seed} was taken.`]
    : [];
}

/** From the cache, or from the generator, in a folder beside the job's: another job may wait for it too. */
async function take(
  request: SceneRequest,
  generator: SceneGenerator,
  tools: GeneratorTools,
  { folder: job, signal, onProgress }: GenerateContext,
): Promise<TakenScene> {
  const { engine, seed, around } = request;
  const { config, onDefect } = tools;
  // Another job that waits for the scene needs the product for longer than this one may last.
  const product = around && (await readFile(around.file));
  const key = sceneKey({
    ...{ engine, seed, settings: generator.settings(request, tools) },
    ...(product && { product: hashOf(product), tries: around.tries }),
  });
  return cacheIn(config.homeDir).take(
    key,
    async (stop, tell) => {
      const folder = await mkdtemp(join(dirname(job), 'scene-'));
      try {
        const context = { folder, signal: stop, onProgress: tell };
        const own = product && { file: join(folder, 'product.png'), tries: around.tries };
        if (own) await writeFile(own.file, product);
        const asked = { ...request, around: own };
        const { file, cost, ...made } = await generator.generate(asked, tools, context);
        const seen = await inspect(file, tools, context);
        const look = own ? { ...seen, occupied: 0 } : seen;
        const warnings = [...made.warnings, ...aboutShape(look, made)];
        const scene: KeptScene = { ...made, warnings, look, picture: await readFile(file) };
        return { scene, cost };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    { signal, onProgress, onDefect },
  );
}

/** @throws VitrineError PROVIDER_FAILED where the generator sent something else than a picture */
async function inspect(
  file: string,
  { pool }: GeneratorTools,
  { folder, signal }: GenerateContext,
): Promise<SceneLook> {
  try {
    return await whenThereIsRoom(signal, () => pool.run('inspect', { file }, { folder, signal }));
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error;
    if (!['INVALID_IMAGE', 'UNSUPPORTED_FORMAT'].includes(error.code)) throw error;
    throw new VitrineError({
      code: 'PROVIDER_FAILED',
      message: `The generator sent no picture that can be read: ${error.message}`,
      hint: 'Run the job again, or choose another engine.',
    });
  }
}

function aboutShape(
  { width, height }: SceneLook,
  { engine, shape }: { engine: string; shape?: string },
): string[] {
  if (!shape) return [];
  const asked = sidesOf(shape);
  if (Math.abs(Math.log(width / height / (asked.width / asked.height))) <= OFF) return [];
  return [
    `${engine} was asked for ${shape} and sent ${width} x ${height} pixels: the scene was cropped to the frame.`,
  ];
}
