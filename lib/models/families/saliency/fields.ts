import { z } from 'zod/v4';
import { expected, shortText } from '../../expected';

/**
 * What a network is fed with: `(value / 255 - mean) / std` for each channel, in RGB order. Whether as float32 or
 * float16 is read from the graph.
 */
export const graphInput = z.strictObject({
  /** Default: the graph's first input. */
  name: expected(shortText.optional(), 'the name of an input of the graph'),
  /** Pixels: the side of the square, or with `short-edge` the shorter side. */
  size: expected(z.int().min(8).max(4096), 'a whole number from 8 to 4096'),
  mean: triple(-1000, 'three numbers, one for each of R, G, B, such as [0.485, 0.456, 0.406]'),
  std: triple(1e-6, 'three numbers over 0, one for each of R, G, B, such as [0.229, 0.224, 0.225]'),
  layout: expected(z.enum(['NCHW']).default('NCHW'), 'NCHW'),
  /**
   * `squash` stretches the photo into the square. `short-edge` keeps its proportions: the shorter side becomes `size`,
   * and both sides are cut down to multiples of 32 (MODNet).
   */
  resize: expected(z.enum(['squash', 'short-edge']).default('squash'), 'squash or short-edge'),
  /**
   * What a byte is divided by: `byte` is 255; `peak` is the photo's own highest value, which is how the U2Net family
   * was trained and how rembg feeds every model. The two differ for dark photos only.
   */
  range: expected(z.enum(['byte', 'peak']).default('byte'), 'byte or peak'),
});

/** How a network's answer becomes a matte in 0..1. */
export const graphOutput = z.strictObject({
  tensor: expected(
    z.union([z.string().min(1), z.int().min(0)]).default(0),
    'the name of an output, or its number counted from 0',
  ),
  activation: expected(z.enum(['none', 'sigmoid']).default('none'), 'none or sigmoid'),
  /** `minmax` stretches each picture's values to 0..1; an empty prediction then becomes noise. */
  normalise: expected(z.enum(['none', 'minmax']).default('none'), 'none or minmax'),
});

export type GraphInput = z.output<typeof graphInput>;
export type GraphOutput = z.output<typeof graphOutput>;

function triple(min: number, text: string) {
  return expected(z.array(z.number().min(min).max(1000)).length(3), text);
}
