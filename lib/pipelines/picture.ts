import {
  type Alpha,
  type GeneratedScene,
  type ImageLimits,
  type OutputFormat,
  type ReplaceParams,
  type ReplacedPicture,
  type RgbImage,
  type SceneView,
  invalid,
  isGenerator,
} from '../contracts';
import {
  BACKDROPS,
  type Gains,
  type Placed,
  type SceneSight,
  type Size,
  bringsShadow,
  keepsShadow,
  composite,
  compositeTransparent,
  frameOf,
  marketplaceFrame,
  matchGains,
  meanShift,
  placeProduct,
  sampleProduct,
  settle,
  sightOf,
  softenEdges,
  surroundingsOf,
} from '../backdrops';
import { resizeRgb } from '../image';
import type { Product } from './product';
import type { Scene } from './scenes';

/** A product that is enlarged more than this looks soft. */
const SOFT = 1.5;

/** A picture before it is written. */
export interface Drawn {
  image: RgbImage;
  /** Only where there is nothing behind product and shadow. */
  alpha?: Alpha;
  placed: Placed;
  frame: Size;
  colorShift: number;
  /** Which one the scene came from. */
  seed: number;
  /** Only of a scene that was generated. */
  generated?: SceneView;
  warnings: string[];
}

interface Given {
  params: ReplaceParams;
  /** The file's, which decides on transparency. */
  format: OutputFormat;
  /** What was generated for this scene. */
  made?: GeneratedScene;
  /** The picture behind the product, decoded: the user's own, or the one that was generated. */
  backdrop?: RgbImage;
  limits: ImageLimits;
  signal: AbortSignal;
}

/**
 * Draws a product in one of a job's scenes.
 * @throws VitrineError INVALID_PARAMETER for a product that is larger than its frame, or a frame larger than allowed;
 *   CANCELLED
 */
export async function drawPicture(product: Product, scene: Scene, given: Given): Promise<Drawn> {
  const { params, made, signal } = given;
  const { exact, keep_position: keepPosition } = params;
  const frame = chooseFrame(product, scene, given);
  // A product that a scene was drawn around lies where it was; a crop would move the scene under it.
  const picture = scene.around ? await resizeRgb(given.backdrop!, frame.width, frame.height) : given.backdrop;
  const sight = made && (await sightOf(picture!, frame, scene.look.focus));
  const settled = sight ? settle(scene.look, sight) : scene.look;
  const { placement } = scene.around ? scene.look : settled;
  const placed = await placeProduct(product, { frame, placement, exact, keepPosition });
  if (params.feather_edges && !exact)
    placed.alpha = softenEdges(placed.alpha, Math.max(frame.width, frame.height));

  const warnings = [...scene.warnings, ...(made?.warnings ?? []), ...warningsOf(product, placed)];
  const shadowless = hasOwnShadow(product, scene);
  if (shadowless) warnings.push('The cutout brings a shadow of its own: no second one was added.');
  const { light } = settled;
  const look = { ...settled, light: shadowless ? { ...light, shadow: 0, contact: 0 } : light };
  const before = sampleProduct(product.photo.rgb, product.alpha);
  const after = sampleProduct(product.color, product.alpha);
  const seed = made?.seed ?? params.seed ?? 0;
  const told = { placed, frame, seed, warnings };
  if (look.transparent && given.format !== 'jpeg') {
    const layers = compositeTransparent(placed, { frame, look, signal });
    return { ...layers, ...told, colorShift: meanShift(before, after) };
  }

  const [x, y, width, height] = placed.box;
  const foot = { x: x + width / 2, y: y + height, width, height };
  const drawer = isGenerator(scene.engine) ? 'image' : scene.engine;
  const backdrop = await BACKDROPS[drawer]({ ...frame, look, seed, foot, picture });
  const surroundings = surroundingsOf(backdrop, frame);
  const match = params.match_colors && !exact;
  const gains: Gains = match ? matchGains(before, after, surroundings.mean) : [1, 1, 1];
  const image = composite(backdrop, placed, { frame, look, surroundings, gains, wrap: match, signal });
  const generated = made && sight && viewOf(made, sight, scene);
  return { image, ...told, colorShift: meanShift(before, after, gains), generated };
}

/** What is told of a picture, but for where it lies and what its file proves. */
export function describePicture(
  { alpha, placed, frame, colorShift, seed, generated, warnings }: Drawn,
  { preset, engine }: Scene,
): Omit<ReplacedPicture, 'artifact'> {
  return {
    ...{ preset, engine, seed },
    ...(generated && { generated }),
    ...frame,
    placed: placed.box,
    scale: Math.round(placed.scale * 10_000) / 10_000,
    color_shift: Math.round(colorShift * 100) / 100,
    ...(alpha && { transparent: true as const }),
    warnings,
  };
}

/** What a result says of a generated scene. */
function viewOf(
  { model, cached, cost, scores }: GeneratedScene,
  sight: SceneSight,
  { around }: Scene,
): SceneView {
  return {
    ...{ model, cached, ...(cost && { cost }), ...sight },
    ...(around && { drawn_around: true, ...(scores && { scores }) }),
  };
}

/**
 * The size of a picture.
 * @throws VitrineError INVALID_PARAMETER for a frame larger than allowed
 */
export function chooseFrame(
  { color, bbox }: Product,
  { marketplace }: Scene,
  { params, limits }: Pick<Given, 'params' | 'limits'>,
): Size {
  const { width, height, keep_position } = params;
  const own = marketplace && !keep_position;
  const advised = own ? marketplaceFrame(marketplace, { width: bbox[2], height: bbox[3] }) : color;
  const frame = frameOf(advised, { width, height });
  if (frame.width * frame.height <= limits.maxPixels) return frame;
  throw invalid(
    'width and height',
    `together at most ${Math.round(limits.maxPixels / 1e6)} megapixels`,
    `${frame.width} x ${frame.height}`,
    'Ask for a smaller picture, or raise VITRINE_MAX_MEGAPIXELS.',
  );
}

function hasOwnShadow({ model, photo, color, alpha, bbox }: Product, { look: { light } }: Scene): boolean {
  if (light.shadow === 0 && light.contact === 0) return false;
  return model === 'none' ? bringsShadow(color, alpha) : keepsShadow(photo.rgb, alpha, bbox);
}

function warningsOf({ bbox: [x, y, width, height], photo }: Product, { scale }: Placed): string[] {
  const warnings: string[] = [];
  if (scale > SOFT) {
    warnings.push(
      `The product was enlarged ${scale.toFixed(1)} times, which may look soft: send a larger photo.`,
    );
  }
  const sides = [
    x === 0 && 'left',
    y === 0 && 'top',
    x + width === photo.rgb.width && 'right',
    y + height === photo.rgb.height && 'bottom',
  ].filter(Boolean);
  if (sides.length) warnings.push(`The photo cuts the product off: ${sides.join(', ')}.`);
  return warnings;
}
