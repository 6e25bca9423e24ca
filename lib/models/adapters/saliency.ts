import type { Alpha, RgbImage } from '../../contracts';
import { resizeRgb } from '../../image';
import type { Session, Tensor, TensorInfo } from '../../runtime';
import type { GraphInput } from '../graph-schema';
import { checkShape, misfit, toAlpha, toNchw, type FloatType } from './tensors';
import type { MatteAdapter, NetworkSpec } from './types';

/** Sides of a picture that keeps its proportions are multiples of this: the strides of MODNet's encoder. */
const STRIDE = 32;
/** A panorama is squashed to this at most, long side over short side, so that its memory stays bounded. */
const MAX_ASPECT = 4;

/**
 * Networks that see the whole photo and answer with one map of the product: ISNet, U2Net, BiRefNet, RMBG, BEN2, MODNet
 * and their kin.
 */
export function saliency({ id, input, output }: NetworkSpec, session: Session): MatteAdapter {
  const { size } = input;
  const from = session.inputs.find(({ name }) => input.name === undefined || name === input.name);
  if (!from) throw misfit(id, `has no input ${input.name}, only ${session.inputNames.join(', ')}`);
  const side = input.resize === 'squash' ? size : undefined;
  checkShape(id, from, [[1, 3, side, side]]);
  const to = session.outputs.find(({ name }, i) => name === output.tensor || i === output.tensor);
  if (!to) throw misfit(id, `has no output ${output.tensor}, only ${session.outputNames.join(', ')}`);
  checkShape(id, to, [
    [1, 1, undefined, undefined],
    [1, undefined, undefined],
  ]);
  return {
    output: to.name,
    async feeds(image: RgbImage): Promise<Record<string, Tensor>> {
      const [width, height] = inputSize(image, input, from);
      const fitting = image.width === width && image.height === height;
      const fitted = fitting ? image : await resizeRgb(image, width, height);
      return { [from.name]: toNchw(fitted, input, from.type as FloatType) };
    },
    matte: (tensor: Tensor): Alpha => toAlpha(tensor, output, id),
  };
}

/** Pixels `[width, height]` that a photo is stretched to; sizes that the graph fixes win. */
function inputSize(
  { width, height }: RgbImage,
  { size, resize }: Pick<GraphInput, 'size' | 'resize'>,
  { shape }: TensorInfo,
): [number, number] {
  if (resize === 'squash') return [size, size];
  const scale = size / Math.min(width, height);
  const fit = (side: number, fixed: number | string | undefined) =>
    typeof fixed === 'number'
      ? fixed
      : Math.max(STRIDE, Math.floor(Math.min(side * scale, size * MAX_ASPECT) / STRIDE) * STRIDE);
  return [fit(width, shape[3]), fit(height, shape[2])];
}
