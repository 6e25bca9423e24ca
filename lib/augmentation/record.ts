import { z } from 'zod/v4';
import { VitrineError } from '../contracts';
import { fillSchema } from './pipelines';
import { type TransformName, transformOf } from './steps';
import { TRANSFORMS } from './transforms';

/** Goes up when the same record would make another picture. */
export const RECORD_VERSION = 1;

/** A transform and all that was drawn of it. */
export type DrawnStep = { transform: TransformName } & Record<string, unknown>;

const names = Object.keys(TRANSFORMS) as TransformName[];
const drawnStepSchema = z.looseObject({ transform: z.enum(names) }).superRefine((step, context) => {
  const { transform, ...drawn } = step;
  const { error } = transformOf(transform).drawn.safeParse(drawn);
  for (const { path, message } of error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
});

const pixels = z.int().min(1).max(65_535);
const recordSchema = z.strictObject({
  version: z.literal(RECORD_VERSION),
  pipeline: z.string(),
  /** Of the pipeline that it was drawn from. */
  digest: z.string(),
  seed: z.int().min(0),
  width: pixels,
  height: pixels,
  fill: fillSchema,
  steps: z.array(drawnStepSchema),
});

/** All that was decided about one picture: plain JSON, from which it can be made again, byte by byte. */
export type AugmentationRecord = Omit<z.output<typeof recordSchema>, 'steps'> & { steps: DrawnStep[] };

/**
 * @param value a record as it was read from a file
 * @throws VitrineError INVALID_PARAMETER naming what is wrong in it
 */
export function parseRecord(value: unknown): AugmentationRecord {
  const { success, data, error } = recordSchema.safeParse(value);
  if (success) return data as AugmentationRecord;
  const [{ path, message }] = error.issues;
  throw new VitrineError({
    code: 'INVALID_PARAMETER',
    message: `This is no record of an augmented picture: ${path.join('.')}: ${message}`,
    hint: `Use a record as this version writes it (version ${RECORD_VERSION}), unchanged.`,
  });
}
