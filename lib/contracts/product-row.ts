import { z } from 'zod/v4';
import { optional } from './fields';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const name = z.string().trim().regex(NAME);
const A_NAME = 'a name of letters, digits and underscores';
/** A column that is written; a blank one is not. */
const column = (usual: string) =>
  z
    .union([z.literal(''), name])
    .default(usual)
    .describe(`${A_NAME}, or blank so that it is not written`);

/** Which row of a Supabase project tells of a product, and what is written into which of its columns. */
export const productRow = z.strictObject({
  table: name.default('products').describe(A_NAME),
  id: name.default('id').describe(`${A_NAME} (of the column that holds the product's id)`),
  metadata: column('metadata'),
  frame_count: column('frame_count'),
  frames_url: column('frames_url'),
  primary_image_url: column('primary_image_url'),
});

export type ProductRow = z.output<typeof productRow>;

/** The name of a bucket; `frames` is the seed service's. */
export const bucketName = (usual: string) =>
  optional(
    z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9_-][A-Za-z0-9 ._-]{0,98}[A-Za-z0-9_-]$/),
  )
    .default(usual)
    .describe(`the name of a bucket (default: ${usual})`);
