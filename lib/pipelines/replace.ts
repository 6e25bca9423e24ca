import { join } from 'node:path';
import {
  FORMATS,
  OUTPUT_FORMATS,
  type ImageLimits,
  type JobContext,
  type OutputFormat,
  type ReplaceArtifact,
  type ReplaceParams,
  type ReplaceResult,
  type ReplacedPicture,
  type RgbImage,
  type Tasks,
  invalid,
  isGenerator,
  numbered,
  throwIfAborted,
} from '../contracts';
import { frameOf, loadPresets } from '../backdrops';
import { type DecodeOptions, decodeImage, encodeImage, encodeMask, flatten, provenance } from '../image';
import { sideBySide } from './compare';
import { enhanceGently } from './enhance-gently';
import { fillOf, marketplaceWarnings } from './marketplace';
import { type Drawn, describePicture, drawPicture } from './picture';
import { type Product, cutProduct, replacementOf } from './product';
import type { Resources } from './resources';
import { proveExact, proveWhite } from './proof';
import { refuseGenerated } from './plan-scenes';
import { type Scene, isPureWhite, scenesOf } from './scenes';
import { Stopwatch } from './stopwatch';

const WHITE: [number, number, number] = [255, 255, 255];

/** Where a picture goes, and how it is written. */
interface Target {
  index: number;
  format: OutputFormat;
  params: ReplaceParams;
  limits: ImageLimits;
  tempDir: string;
}

/**
 * Cuts the product out of a photo once, and writes a picture for each preset (`output`, `output_2` …) into the job's
 * folder.
 * @param input encoded pictures of any accepted format: the photo, where its product is, what is to stand behind it; and
 *   the scenes that were generated for it
 * @returns paths in `artifacts`; `bbox` and `coverage` refer to the upright photo
 * @throws VitrineError what decoding, the cutter, the presets and the parameters can say; NO_SUBJECT for an empty mask,
 *   NO_GENERATOR for a prompt
 */
export async function replaceBackground(
  resources: Resources,
  { file, mask, backdrop, params, generators = [], generated = [] }: Tasks['replace']['input'],
  context: JobContext,
): Promise<ReplaceResult> {
  checkCombination(params);
  const { config } = resources;
  const { progress, tempDir, signal } = context;
  const asked = { params, picture: backdrop !== undefined, config, generators };
  const scenes = await scenesOf(await loadPresets(config.modelsDir), asked);
  return resources.budget.use(signal, async (measured) => {
    const watch = new Stopwatch();
    const cut = await cutProduct(resources, file, replacementOf(params, mask), {
      ...context,
      watch,
      measured: (photo) => {
        measured(photo.width * photo.height);
        refuseGenerated(scenes, frameOf(photo, params), config);
      },
    });
    // What arrives as a cutout keeps its colours.
    const enhances = params.enhance_fg && !params.exact && cut.model !== 'none';
    const product = enhances ? enhanceGently(cut) : cut;
    watch.lap('refine_ms');
    const format = params.format ?? defaultFormat(params, scenes, product.photo.format);
    const { limits } = config;
    const picture = backdrop === undefined ? undefined : await readPicture(backdrop, { limits, signal });
    const artifacts: Partial<Record<ReplaceArtifact, string>> = {};
    const pictures: ReplacedPicture[] = [];
    for (const [index, scene] of scenes.entries()) {
      throwIfAborted(signal);
      progress({ stage: 'compose', fraction: 0.7 + (0.3 * index) / scenes.length });
      const made = generated[index] ?? undefined;
      if (isGenerator(scene.engine) && !made) throw new Error(`No scene came for picture ${index}`);
      const behind = made ? await readPicture(made.file, { limits, signal }) : picture;
      const given = { params, format, made, backdrop: behind, limits, signal };
      const drawn = await drawPicture(product, scene, given);
      watch.lap('compose_ms');
      const written = await writeScene(drawn, scene, product, { index, format, params, limits, tempDir });
      watch.lap('encode_ms');
      Object.assign(artifacts, written.files);
      pictures.push(written.picture);
    }
    if (params.mask_out) {
      artifacts.mask = join(tempDir, 'mask.png');
      await encodeMask(artifacts.mask, product.alpha, {
        format: 'png',
        timeoutSeconds: limits.timeoutSeconds,
      });
      watch.lap('encode_ms');
    }
    return answer(
      product,
      { format, pictures, artifacts: { ...artifacts, output: artifacts.output! } },
      watch,
    );
  });
}

/** Writes a scene's pictures into the job's folder. */
async function writeScene(
  drawn: Drawn,
  scene: Scene,
  product: Product,
  { index, format, params, limits, tempDir }: Target,
): Promise<{ picture: ReplacedPicture; files: Partial<Record<ReplaceArtifact, string>> }> {
  const file = (name: string) => join(tempDir, `${name}.${FORMATS[format].extension}`);
  const artifact = numbered('output', index);
  const files: Partial<Record<ReplaceArtifact, string>> = { [artifact]: file(artifact) };
  const { image, alpha, placed } = drawn;
  const options = {
    ...{ format, quality: params.quality, timeoutSeconds: limits.timeoutSeconds },
    metadata: drawn.generated && provenance('compositeWithTrainedAlgorithmicMedia'),
  };
  await encodeImage(file(artifact), image, { ...options, alpha });
  const picture: ReplacedPicture = { artifact, ...describePicture(drawn, scene) };
  if (params.compare) {
    picture.compare = numbered('compare', index);
    files[picture.compare] = file(picture.compare);
    await encodeImage(file(picture.compare), await sideBySide(product.photo, { rgb: image, alpha }), options);
  }
  if (params.exact) {
    const [x, y] = [placed.box[0] - product.bbox[0], placed.box[1] - product.bbox[1]];
    picture.exact = await proveExact(file(artifact), product.photo.rgb, product.alpha, { x, y }, limits);
  }
  if (isPureWhite(scene.engine, scene.look)) picture.white = await proveWhite(file(artifact), placed, limits);
  if (scene.main) picture.fill = fillOf(drawn);
  if (scene.marketplace) {
    picture.warnings.push(...(await marketplaceWarnings(file(artifact), scene.marketplace, picture, format)));
  }
  return { picture, files };
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
    ...costOf(pictures),
    coverage: Math.round(coverage * 10_000) / 10_000,
    confidence: Math.round(confidence * 1000) / 1000,
    unsure,
    warnings: [...warnings, ...pictures.flatMap(named)],
    metrics: { ...watch.metrics(), ...loading },
  };
}

/** What all scenes cost together, where anybody said it. */
function costOf(pictures: ReplacedPicture[]): Pick<ReplaceResult, 'cost'> {
  const costs = pictures.map(({ generated }) => generated?.cost).filter((cost) => cost !== undefined);
  return costs.length ? { cost: { credits: costs.reduce((sum, { credits }) => sum + credits, 0) } } : {};
}

async function readPicture(file: string, options: DecodeOptions): Promise<RgbImage> {
  const { rgb, alpha } = await decodeImage(file, options);
  return alpha ? flatten(rgb, alpha, WHITE) : rgb;
}

/** @throws VitrineError INVALID_PARAMETER for parameters that do not go together */
export function checkCombination({ exact, format, keep_position, width, height }: ReplaceParams): void {
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

/** An opaque picture keeps its photo's format where that can be written and is taken, unless every pixel counts. */
function defaultFormat({ exact }: ReplaceParams, scenes: Scene[], source: string): OutputFormat {
  if (exact) return 'png';
  const taken =
    scenes.find(({ marketplace }) => marketplace?.formats)?.marketplace?.formats ?? OUTPUT_FORMATS;
  const own = taken.find((format) => format === source);
  return own ?? (taken.includes('png') ? 'png' : taken[0]);
}
