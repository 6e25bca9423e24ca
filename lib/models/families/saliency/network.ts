import type { Alpha, BoundingBox, RgbImage } from '../../../contracts';
import { resizePart, resizeRgb } from '../../../image';
import type { Session, Tensor, TensorInfo } from '../../../runtime';
import { checkShape, misfit, toNchw, type FloatType } from '../tensors';
import type { MatteNetwork } from '../types';
import type { GraphInput, GraphOutput } from './fields';
import { toAlpha } from './matte';

/** Sides of a picture that keeps its proportions are multiples of this: the strides of MODNet's encoder. */
const STRIDE = 32;
/** A panorama is squashed to this at most, long side over short side, so that its memory stays bounded. */
const MAX_ASPECT = 4;

interface Entry {
  id: string;
  input: GraphInput;
  output: GraphOutput;
}

/** @throws VitrineError INVALID_MODEL when the graph's inputs or outputs do not fit the entry */
export function matteNetwork({ id, input, output }: Entry, session: Session): MatteNetwork {
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
    session,
    size,
    output: to.name,
    async resize(image: RgbImage, part?: BoundingBox): Promise<RgbImage> {
      if (part) {
        const [, , across, down] = part;
        return resizePart(image, part, ...inputSize({ width: across, height: down }, input, from));
      }
      const [width, height] = inputSize(image, input, from);
      const fitting = image.width === width && image.height === height;
      return fitting ? image : resizeRgb(image, width, height);
    },
    feeds: (fitted: RgbImage): Record<string, Tensor> => ({
      [from.name]: toNchw(fitted, input, from.type as FloatType),
    }),
    matte: (tensor: Tensor): Alpha => toAlpha(tensor, output, id),
  };
}

/** Pixels `[width, height]` that a photo is stretched to; sizes that the graph fixes win. */
function inputSize(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
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
