import type { RgbImage } from '../../../contracts';
import type { Session } from '../../../runtime';
import type { Latents, Planes } from '../diffusion';
import { checkShape, floatTensor, floatsOf, misfit, named, toNchw, type FloatType } from '../tensors';

/** Bytes to -1..1. */
const CENTRED = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/**
 * @param scale what latents are divided by before they become a picture
 * @throws VitrineError INVALID_MODEL where the graph's inputs or outputs do not fit
 */
export function vaeDecoder(model: string, session: Session, scale: number) {
  const input = named(model, 'input', session.inputs, 'latent_sample');
  checkShape(model, input, [[1, undefined, undefined, undefined]]);
  const [output] = session.outputs;
  return async ({ data, channels, width, height }: Latents): Promise<Planes> => {
    const scaled = data.map((value) => value / scale);
    const feeds = {
      latent_sample: floatTensor(scaled, [1, channels, height, width], input.type as FloatType),
    };
    const answer = (await session.run(feeds, [output.name]))[output.name];
    const [, planes, rows, columns] = answer.dims;
    if (planes !== 3) throw misfit(model, `answers ${planes} colours where 3 are expected`);
    return { data: floatsOf(answer), width: columns, height: rows };
  };
}

/**
 * @param scale what latents are multiplied by
 * @returns the middle of what the encoder is unsure about, so that one picture has one answer
 * @throws VitrineError INVALID_MODEL where the graph's inputs or outputs do not fit
 */
export function vaeEncoder(model: string, session: Session, scale: number, channels: number) {
  const input = named(model, 'input', session.inputs, 'sample');
  checkShape(model, input, [[1, 3, undefined, undefined]]);
  const [output] = session.outputs;
  return async (image: RgbImage): Promise<Latents> => {
    const feeds = { sample: toNchw(image, CENTRED, input.type as FloatType) };
    const answer = (await session.run(feeds, [output.name]))[output.name];
    const [, planes, height, width] = answer.dims;
    // Some exports tell mean and logarithm of the variance, others a sample, which has one plane for each channel.
    if (planes !== channels && planes !== 2 * channels) {
      throw misfit(
        model,
        `answers ${planes} planes of latents where ${channels} or ${2 * channels} are expected`,
      );
    }
    const mean = floatsOf(answer).slice(0, channels * width * height);
    return { data: mean.map((value) => value * scale), channels, width, height };
  };
}
