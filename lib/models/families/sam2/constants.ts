import { readFileSync } from 'node:fs';
import { z } from 'zod/v4';
import { VitrineError } from '../../../contracts';

const row = z.array(z.number()).min(1);

/** What the network has learned that is in none of its graphs; other fields are left alone. */
const schema = z.object({
  /** A vector for each place in time: ages from 1 on, and last the one of frames with a prompt. */
  memory_temporal_positional_encoding: z.array(row).min(2),
  /** Added to the features of a frame that is looked at without memory, where the encoder does not do that. */
  no_memory_embedding: row.optional(),
  /** How a pointer's distance becomes its position, where no graph does that. */
  temporal_positional_encoding_projection_layer: z
    .object({ weight: z.array(row).min(1), bias: row })
    .optional(),
  /** EdgeTAM tells its pointers no distance. */
  enable_temporal_pos_encoding_for_object_pointers: z.boolean().default(true),
});

export type Constants = z.output<typeof schema>;

/**
 * @param file path of a `constants.json`
 * @throws VitrineError INVALID_MODEL where it holds something else
 */
export function readConstants(file: string): Constants {
  let cause: unknown;
  try {
    const result = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (result.success) return result.data;
    cause = result.error;
  } catch (error) {
    cause = error;
  }
  throw new VitrineError(
    {
      code: 'INVALID_MODEL',
      message: `${file} does not hold the constants of SAM 2, memory_temporal_positional_encoding among them`,
      hint: "Download the model's constants again, or correct the source of constants in the registry.",
    },
    { cause },
  );
}
