import { z } from 'zod/v4';
import { RUN_DEVICES } from '../runtime';
import { FAMILIES } from './adapters';
import { expected, graphInput, graphOutput, shortText } from './graph-schema';

const ID = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const SOURCE =
  /^(https:\/\/\S+|hf:[^\s@/]+\/[^\s@/]+@[^\s/]+\/\S+|npm:(@[^\s@/]+\/)?[^\s@/]+@[^\s/]+\/\S+|file:.+)$/;
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** One file of a model. */
const modelFile = z.strictObject({
  /** File name inside `<models folder>/<model id>/`; default: the last part of the first source. */
  name: expected(z.string().regex(FILE_NAME).optional(), 'a plain file name such as model.onnx'),
  /** Where it can come from, best first. */
  sources: expected(
    z
      .array(
        expected(
          z.string().regex(SOURCE),
          'https://…, hf:owner/repo@revision/path, npm:package@version/path or file:path',
        ),
      )
      .min(1),
    'a list of sources: https://…, hf:owner/repo@revision/path, npm:package@version/path or file:path',
  ),
  bytes: expected(z.int().min(1).optional(), 'the size in bytes, a whole number from 1'),
  sha256: expected(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    '64 hexadecimal digits in lower case',
  ),
});

const common = {
  id: expected(
    z
      .string()
      .regex(ID)
      .refine((id) => id !== 'auto'),
    'lower-case letters, digits, dots and hyphens, and not auto',
  ),
  name: shortText,
  description: shortText,
  task: expected(z.literal('cutout').default('cutout'), 'cutout'),
  license: shortText,
  /** Must be acknowledged before it is downloaded. */
  gated: expected(z.boolean().default(false), 'true or false'),
  devices: expected(
    z
      .array(z.enum(RUN_DEVICES))
      .min(1)
      .default([...RUN_DEVICES]),
    `a list of ${RUN_DEVICES.join(', ')}`,
  ),
  notes: expected(shortText.optional(), 'a text of 1 to 500 characters'),
};

/** A cutter without a network. */
export const builtInEntry = z.strictObject({ ...common, family: z.literal('plain') });

/** A network, run by the adapter of its family. */
export const networkEntry = z.strictObject({
  ...common,
  family: expected(z.enum(FAMILIES), FAMILIES.join(' or ')),
  /** The first is the graph. */
  files: expected(z.array(modelFile).min(1), 'a list of at least one file with its sources'),
  input: graphInput.describe('an object with size, mean and std'),
  output: graphOutput.prefault({}).describe('an object with tensor, activation and normalise'),
  /** Place in the order of `auto`, lowest first; without it `auto` never takes the model. */
  rank: expected(z.int().min(0).max(10_000).optional(), 'a whole number from 0 to 10000'),
});

export type BuiltInEntry = z.output<typeof builtInEntry>;
export type NetworkEntry = z.output<typeof networkEntry>;
export type ModelEntry = BuiltInEntry | NetworkEntry;
export type ModelFile = z.output<typeof modelFile>;
