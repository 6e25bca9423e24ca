import { join } from 'node:path';
import {
  FORMATS,
  type JobContext,
  type OutputFormat,
  type ReplaceArtifact,
  type ReplaceParams,
  type ReplaceResult,
  type ReplacedPicture,
  invalid,
  numbered,
  parse,
  removeParams,
  throwIfAborted,
} from '../contracts';
import { BACKDROPS, composite, frameOf, loadPresets, placeProduct } from '../backdrops';
import { encodeImage, encodeMask } from '../image';
import { type Product, type ProductParams, cutProduct } from './product';
import type { Resources } from './resources';
import { type Scene, refuseGenerated, scenesOf } from './scenes';
import { Stopwatch } from './stopwatch';

interface Input {
  /** Encoded pictures of any accepted format: the photo, where its product is, what is to stand behind it. */
  file: string;
  mask?: string;
  backdrop?: string;
  params: ReplaceParams;
}

/**
 * Cuts the product out of a photo once, and writes a picture for each preset (`output`, `output_2` …) into the job's
 * folder.
 * @returns paths in `artifacts`; `bbox` and `coverage` refer to the upright photo
 * @throws VitrineError what decoding, the cutter, the presets and the parameters can say; NO_SUBJECT for an empty mask,
 *   NO_GENERATOR for a prompt
 */
export async function replaceBackground(
  resources: Resources,
  { file, mask, backdrop, params }: Input,
  context: JobContext,
): Promise<ReplaceResult> {
  checkCombination(params);
  const { config } = resources;
  const { progress, tempDir, signal } = context;
  const asked = { params, picture: backdrop !== undefined, config };
  const scenes = scenesOf(await loadPresets(config.modelsDir), asked);
  return resources.budget.use(signal, async (measured) => {
    const watch = new Stopwatch();
    const product = await cutProduct(resources, file, productParams(params, mask), {
      ...context,
      watch,
      measured: (photo) => {
        measured(photo.width * photo.height);
        refuseGenerated(asked, frameOf(photo, params));
      },
    });
    const format = params.format ?? defaultFormat(params, product.photo.format);
    const { timeoutSeconds } = config.limits;
    const artifacts: Partial<Record<ReplaceArtifact, string>> = {};
    const pictures: ReplacedPicture[] = [];
    for (const [index, scene] of scenes.entries()) {
      throwIfAborted(signal);
      progress({ stage: 'compose', fraction: 0.7 + (0.3 * index) / scenes.length });
      const artifact = numbered('output', index);
      const path = join(tempDir, `${artifact}.${FORMATS[format].extension}`);
      const { image, picture } = await draw(product, scene, params, signal);
      watch.lap('compose_ms');
      await encodeImage(path, image, { format, quality: params.quality, timeoutSeconds });
      watch.lap('encode_ms');
      artifacts[artifact] = path;
      pictures.push({ ...picture, artifact });
    }
    if (params.mask_out) {
      artifacts.mask = join(tempDir, 'mask.png');
      await encodeMask(artifacts.mask, product.alpha, { format: 'png', timeoutSeconds });
      watch.lap('encode_ms');
    }
    return answer(
      product,
      { format, pictures, artifacts: { ...artifacts, output: artifacts.output! } },
      watch,
    );
  });
}

async function draw(
  { color, alpha, bbox }: Product,
  scene: Scene,
  params: ReplaceParams,
  signal: AbortSignal,
) {
  const { look, engine, preset } = scene;
  const seed = params.seed ?? 0;
  const frame = frameOf(color, params);
  const placed = await placeProduct(
    { color, alpha, bbox },
    { frame, placement: look.placement, exact: params.exact, keepPosition: params.keep_position },
  );
  const [x, y, width, height] = placed.box;
  const foot = { x: x + width / 2, y: y + height, width, height };
  const backdrop = await BACKDROPS[engine]({ ...frame, look, seed, foot });
  const picture: Omit<ReplacedPicture, 'artifact'> = {
    ...{ preset, engine, seed, ...frame },
    placed: placed.box,
    scale: Math.round(placed.scale * 10_000) / 10_000,
    color_shift: 0,
    warnings: scene.warnings,
  };
  return { image: composite(backdrop, placed, frame, signal), picture };
}

function answer(
  { model, device, bbox, coverage, confidence, unsure, warnings, loading }: Product,
  { format, pictures, artifacts }: Pick<ReplaceResult, 'format' | 'pictures' | 'artifacts'>,
  watch: Stopwatch,
): ReplaceResult {
  const [{ engine, preset, seed, width, height }] = pictures;
  const named = ({ preset, warnings }: ReplacedPicture) =>
    pictures.length === 1 ? warnings : warnings.map((text) => `${preset}: ${text}`);
  return {
    ...{ engine, preset, model, device, seed, artifacts, pictures, format, width, height, bbox },
    coverage: Math.round(coverage * 10_000) / 10_000,
    confidence: Math.round(confidence * 1000) / 1000,
    unsure,
    warnings: [...warnings, ...pictures.flatMap(named)],
    metrics: { ...watch.metrics(), ...loading },
  };
}

/** An exact product keeps its colours, but for what its soft edge shows of the old backdrop. */
function productParams(params: ReplaceParams, maskFile?: string): ProductParams {
  const { model, device, strict_device, if_unsure, exact } = params;
  const enhance_fg = params.enhance_fg && !exact;
  return { ...parse(removeParams, { model, device, strict_device, if_unsure, enhance_fg }), maskFile };
}

function checkCombination({ exact, format, keep_position, width, height }: ReplaceParams): void {
  if (exact && format !== undefined && format !== 'png') {
    throw invalid(
      'format',
      'png with exact',
      format,
      'JPEG and WebP change pixels: choose png, or leave exact out.',
    );
  }
  if (keep_position && (width !== undefined || height !== undefined)) {
    throw invalid(
      'width and height',
      'left out with keep_position',
      `${width ?? 'none'} and ${height ?? 'none'}`,
      "The picture has the photo's size then: leave them out, or leave keep_position out.",
    );
  }
}

/** An opaque picture keeps its photo's format where that can be written, unless every pixel counts. */
function defaultFormat({ exact }: ReplaceParams, source: string): OutputFormat {
  if (exact) return 'png';
  return source === 'jpeg' || source === 'webp' ? source : 'png';
}
