import type { Alpha, JobContext, SceneLook, Tasks } from '../contracts';
import { boundingBox, coverage, cropTo, decodeImage, flatten } from '../image';
import type { Resources } from './resources';

const WHITE: [number, number, number] = [255, 255, 255];
/** How sure the network has to be of what it sees. */
const SURE = 0.5;
/** What takes less of the picture is a detail, what takes more is the scene itself. */
const [LEAST, MOST] = [0.02, 0.5];
/** How much of its own box a product fills; furniture and foliage fill less. */
const FULL = 0.35;
/** How far from the middle a product's own middle may be, as shares of the picture. */
const [ASIDE, ABOVE] = [0.2, 0.3];

/**
 * Looks at a generated scene with the network that cuts products out: what it finds in the middle stands where the
 * product is to stand.
 * @throws VitrineError what decoding can say of a picture that is none; CANCELLED
 */
export async function inspectScene(
  resources: Resources,
  { file }: Tasks['inspect']['input'],
  { signal }: JobContext,
): Promise<SceneLook> {
  const { limits, device } = resources.config;
  return resources.budget.use(signal, async (measured) => {
    const { rgb, alpha } = await decodeImage(file, { limits, signal });
    const { width, height } = rgb;
    measured(width * height);
    const opaque = alpha ? flatten(rgb, alpha, WHITE) : rgb;
    const options = { model: 'auto', device, strictDevice: false, secondPass: false, signal };
    const cutout = await resources.cutter.cut(opaque, options);
    return { width, height, occupied: cutout.confidence >= SURE ? middleShare(cutout.alpha) : 0 };
  });
}

/** The share of the picture that one compact thing in its middle takes; 0 where there is none. */
function middleShare(alpha: Alpha): number {
  const share = coverage(alpha);
  const box = boundingBox(alpha);
  if (!box || share < LEAST || share > MOST) return 0;
  const [x, y, width, height] = box;
  const aside = Math.abs(x + width / 2 - alpha.width / 2) / alpha.width;
  const above = Math.abs(y + height / 2 - alpha.height / 2) / alpha.height;
  if (aside > ASIDE || above > ABOVE || coverage(cropTo(alpha, box)) < FULL) return 0;
  // What runs through from side to side is a table or a wall.
  if (x <= 1 && x + width >= alpha.width - 1) return 0;
  return Math.round(share * 1000) / 1000;
}
