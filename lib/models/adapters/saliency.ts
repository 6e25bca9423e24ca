import type { Alpha, RgbImage } from '../../contracts';
import { resizeRgb } from '../../image';
import type { Session, Tensor } from '../../runtime';
import { checkShape, misfit, toAlpha, toNchw } from './tensors';
import type { MatteAdapter, NetworkSpec } from './types';

/**
 * Networks that see the whole photo squashed into a square and answer with one map of the product: ISNet, U2Net,
 * BiRefNet, RMBG, BEN2 and their kin.
 */
export function saliency({ id, input, output }: NetworkSpec, session: Session): MatteAdapter {
  const { size } = input;
  const from = session.inputs.find(({ name }) => input.name === undefined || name === input.name);
  if (!from) throw misfit(id, `has no input ${input.name}, only ${session.inputNames.join(', ')}`);
  checkShape(id, from, [[1, 3, size, size]]);
  const to = session.outputs.find(({ name }, i) => name === output.tensor || i === output.tensor);
  if (!to) throw misfit(id, `has no output ${output.tensor}, only ${session.outputNames.join(', ')}`);
  checkShape(id, to, [
    [1, 1, undefined, undefined],
    [1, undefined, undefined],
  ]);
  return {
    output: to.name,
    async feeds(image: RgbImage): Promise<Record<string, Tensor>> {
      const fitting = image.width === size && image.height === size;
      return { [from.name]: toNchw(fitting ? image : await resizeRgb(image, size, size), input) };
    },
    matte: (tensor: Tensor): Alpha => toAlpha(tensor, output, id),
  };
}
