import { defineTransform, whole } from '../fields';
import { jpegSteps } from '../jpeg-tables';

/** What a JPEG of this quality with colours at half size loses. */
export const jpeg = defineTransform(
  { quality: whole(1, 100, [70, 95]) },
  {
    danger: 'Under about 40 small print cannot be read.',
    effects: ({ quality }) => [
      {
        kind: 'pass',
        run({ arena, width, height }, from, to) {
          const { kernels } = arena;
          const [across, down] = [Math.ceil(width / 16) * 16, Math.ceil(height / 16) * 16];
          const [luma, blue, red] = [1, 4, 4].map((share) => arena.take((across * down) / share));
          const steps = jpegSteps(quality);
          const [fine, coarse] = [arena.put(steps.luma), arena.put(steps.color)];
          const scratch = arena.take(2 * across + 256);
          const whole = across === width && down === height;
          const extended = whole ? from : arena.take(across * down * 3);
          if (!whole) kernels.extend(from, width, height, across, down, extended);
          kernels.toPlanes(extended, across, down, luma, blue, red);
          kernels.quantize(luma, across, down, fine, scratch);
          for (const plane of [blue, red]) kernels.quantize(plane, across / 2, down / 2, coarse, scratch);
          kernels.fromPlanes(to, width, height, across, luma, blue, red, scratch);
        },
      },
    ],
  },
);
