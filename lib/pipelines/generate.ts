import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import {
  type Alpha,
  type GenerateInput,
  type GenerateResult,
  type JobContext,
  type Metrics,
  type RgbImage,
  type SeedScore,
  FORMATS,
} from '../contracts';
import { type Painted, expansionOf } from '../diffusion';
import { decodeImage, encodeImage, flatten, resizeAlpha } from '../image';
import { downloading } from './downloading';
import { readMask } from './read-mask';
import type { Resources } from './resources';
import { Stopwatch } from './stopwatch';

/** Seeds are 32 bits. */
const SEEDS = 2 ** 32;
/** Where drawing begins, and where writing does, in a job's progress. */
const [DRAWING, WRITING] = [0.15, 0.95];
const NEUTRAL: [number, number, number] = [128, 128, 128];

/** What a scene is drawn around. */
interface Around {
  image: RgbImage;
  mask: Alpha;
}

/**
 * Draws a scene from a prompt, by itself or around a product, into `scene.png` in the job's folder. Of several seeds
 * the one is kept that makes the least of the product's shape.
 * @throws VitrineError what the model and its device can say (see `Painter.paint`); what decoding can say of the
 *   product's picture and mask; CANCELLED between steps
 */
export async function generateScene(
  resources: Resources,
  input: GenerateInput,
  context: JobContext,
): Promise<GenerateResult> {
  const { config } = resources;
  const { signal, progress, tempDir } = context;
  const { width, height, device = 'auto' } = input;
  const watch = new Stopwatch();
  const around = input.around && (await readAround(resources, input.around, signal));
  watch.lap('decode_ms');
  const seeds = seedsOf(input);
  const scores: SeedScore[] = [];
  let best: { image: RgbImage; seed: number; expansion: number } | undefined;
  const painted = await resources.painter.paint({
    model: input.model ?? config.modelId,
    device: device === 'auto' ? config.device : device,
    strictDevice: input.strict_device ?? false,
    prompt: input.prompt,
    negativePrompt: input.negative_prompt,
    steps: input.steps,
    guidance: input.guidance_scale,
    ...{ frame: { width, height }, seeds, around, signal },
    onLoad: () => progress({ stage: 'load', fraction: DRAWING }),
    onDownload: (event) => progress(downloading(event)),
    onStep: (step, steps) =>
      progress({
        stage: 'generate',
        fraction: DRAWING + ((WRITING - DRAWING) * step) / steps,
        message: `step ${step} of ${steps}`,
      }),
    onPicture: async (image, seed) => {
      const expansion = around && seeds.length > 1 ? await grown(resources, image, around, signal) : 0;
      scores.push({ seed, expansion });
      if (!best || expansion < best.expansion) best = { image, seed, expansion };
    },
  });
  watch.lap('infer_ms');
  const { image, seed } = best!;
  progress({ stage: 'encode', fraction: WRITING });
  const file = join(tempDir, `scene.${FORMATS.png.extension}`);
  await encodeImage(file, image, { format: 'png', timeoutSeconds: config.limits.timeoutSeconds });
  watch.lap('encode_ms');
  const { model, steps, guidance, warnings } = painted;
  return {
    ...{ file, model, device: painted.device, seed, steps, guidance_scale: guidance, warnings },
    ...{ width: image.width, height: image.height },
    ...(seeds.length > 1 && { scores }),
    metrics: metricsOf(watch, painted),
  };
}

/** The seed that was asked for, and those that follow on it. */
function seedsOf({ seed = randomInt(SEEDS), around }: GenerateInput): number[] {
  return Array.from({ length: around?.tries ?? 1 }, (_, i) => (seed + i) % SEEDS);
}

async function readAround(
  { config: { limits } }: Resources,
  { file, mask }: NonNullable<GenerateInput['around']>,
  signal: AbortSignal,
): Promise<Around> {
  const { rgb, alpha } = await decodeImage(file, { limits, signal });
  const image = alpha ? flatten(rgb, alpha, NEUTRAL) : rgb;
  return { image, mask: await readMask(mask, image, { limits, signal }) };
}

/** Cuts out what stands where the product is, and says how far that reaches beyond it. */
async function grown(
  { cutter, config }: Resources,
  image: RgbImage,
  { mask }: Around,
  signal: AbortSignal,
): Promise<number> {
  const cut = await cutter.cut(image, {
    ...{ model: 'auto', device: config.device, strictDevice: false, signal },
  });
  return expansionOf(await resizeAlpha(mask, image.width, image.height), cut.alpha);
}

function metricsOf(watch: Stopwatch, { loadMs, deviceMemoryMb }: Painted): Metrics {
  return {
    ...watch.metrics(),
    ...(loadMs >= 1 && { load_ms: Math.round(loadMs) }),
    ...(deviceMemoryMb !== undefined && { device_memory_mb: deviceMemoryMb }),
  };
}
