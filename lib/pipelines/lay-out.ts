import type { ImageLimits, ReplaceParams, SceneRequest } from '../contracts';
import { compositeTransparent, placeProduct } from '../backdrops';
import { encodeImage } from '../image';
import { chooseFrame } from './picture';
import type { Product } from './product';
import type { Scene } from './scenes';

interface Target {
  /** Path of the PNG. */
  file: string;
  params: ReplaceParams;
  limits: ImageLimits;
  signal: AbortSignal;
}

/**
 * Writes a product as it will lie in its frame, on transparency and without a shadow, for a scene to be drawn around it.
 * @returns what a generator has to be asked for besides
 * @throws VitrineError INVALID_PARAMETER for a product that is larger than its frame, or a frame larger than allowed; what
 *   encoding can say; CANCELLED
 */
export async function layOut(
  product: Product,
  scene: Scene,
  { file, params, limits, signal }: Target,
): Promise<Pick<SceneRequest, 'width' | 'height' | 'around'>> {
  const { exact, keep_position: keepPosition, tries } = params;
  const frame = chooseFrame(product, scene, { params, limits });
  const { placement, light } = scene.look;
  const placed = await placeProduct(product, { frame, placement, exact, keepPosition });
  const look = { ...scene.look, reflection: 0, light: { ...light, shadow: 0, contact: 0 } };
  const { image, alpha } = compositeTransparent(placed, { frame, look, signal });
  await encodeImage(file, image, { format: 'png', alpha, timeoutSeconds: limits.timeoutSeconds });
  return { ...frame, around: { file, tries } };
}
