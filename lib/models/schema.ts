import { z } from 'zod/v4';
import { MODEL_GROUPS, MODEL_ID_PATTERN } from '../contracts';
import { OPTIMISATIONS, RUN_DEVICES } from '../runtime';
import { expected, shortText } from './expected';
import { FAMILIES, rolesOf, type FamilyName } from './families';
import type { Family } from './families/types';

const SOURCE =
  /^(https:\/\/\S+|package:[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9_][A-Za-z0-9._-]*|hf:[^\s@/]+\/[^\s@/]+@[^\s/]+\/\S+|npm:(@[^\s@/]+\/)?[^\s@/]+@[^\s/]+\/\S+|file:.+)$/;
const FILE_NAME = /^([A-Za-z0-9_][A-Za-z0-9._-]{0,127}\/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** One file of a model; `role` depends on the family. */
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
          'https://…, hf:owner/repo@revision/path, npm:package@version/path, package:folder/file or file:path',
        ),
      )
      .min(1),
    'a list of sources: https://…, hf:owner/repo@revision/path, npm:package@version/path, package:folder/file or file:path',
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

const rank = expected(z.int().min(0).max(10_000).optional(), 'a whole number from 0 to 10000');
const optimisation = expected(z.enum(OPTIMISATIONS).optional(), OPTIMISATIONS.join(', '));
const precision = expected(z.enum(['fp32', 'fp16']).default('fp32'), 'fp32 or fp16');
const deviceList = expected(z.array(z.enum(RUN_DEVICES)).min(1), `a list of ${RUN_DEVICES.join(', ')}`);

const common = {
  id: expected(
    z
      .string()
      .regex(MODEL_ID_PATTERN)
      .refine((id) => id !== 'auto'),
    'lower-case letters, digits, dots and hyphens, and not auto',
  ),
  name: shortText,
  description: shortText,
  /** Where a picker shows it. */
  group: expected(z.enum(MODEL_GROUPS).default('special'), MODEL_GROUPS.join(', ')),
  license: shortText,
  /** Must be acknowledged before it is downloaded. */
  gated: expected(z.boolean().default(false), 'true or false'),
  devices: expected(deviceList.default([...RUN_DEVICES]), `a list of ${RUN_DEVICES.join(', ')}`),
  notes: expected(shortText.optional(), 'a text of 1 to 500 characters'),
};

/** A cutter without a network. */
export const builtInEntry = z.strictObject({
  ...common,
  task: z.literal('cutout').default('cutout'),
  family: z.literal('plain'),
});

/** What a network says beside what its family asks for. */
const network = {
  ...common,
  /** Of the weights. */
  precision,
  /** How far onnxruntime may rewrite the graphs; default: all. */
  optimisation,
  /** Place in the order of `auto`, lowest first; without it `auto` never takes the model. */
  rank,
  /** What a run on the CPU takes; `auto` leaves the model out where there is less. */
  cpuMemoryMb: expected(z.int().min(1).optional(), 'megabytes, a whole number from 1'),
};

/** What some devices run instead of the entry's own files; what it leaves out stays the entry's. */
const variant = {
  devices: deviceList,
  precision,
  optimisation,
  rank,
  notes: expected(shortText.optional(), 'a text of 1 to 500 characters'),
};

const schemas = new Map<string, z.ZodObject>();

/** The schema of a family's entries. */
export function networkSchema(name: string): z.ZodObject {
  const known = schemas.get(name);
  if (known) return known;
  const row: Family = FAMILIES[name as FamilyName];
  const { task, fields, variantFields } = row;
  const files = fileList(row);
  const variants = z.array(z.strictObject({ ...variant, ...variantFields, files })).default([]);
  const schema = z.strictObject({
    ...network,
    task: expected(z.literal(task).default(task), task),
    family: z.literal(name),
    files,
    /** Other files for other devices, best first. */
    variants: expected(variants, 'a list of objects with devices and files'),
    ...fields,
  });
  schemas.set(name, schema);
  return schema;
}

/**
 * One file for each graph and each text of the family, and those beside them: weights that a graph keeps in a file of their own lie
 * in its folder under the name that the graph gives. Where a family has one graph and no file names a role, the first
 * is the graph.
 */
function fileList(row: Family) {
  const roles = rolesOf(row);
  const needed = [...row.roles, ...(row.texts ?? [])];
  const names = roles.join(', ');
  const file = modelFile.extend({
    role: expected(z.enum(roles).optional(), `${names}, or nothing for a file that is no graph`),
  });
  const list = z
    .array(file)
    .min(1)
    .overwrite((files) => {
      const isPlain = roles.length === 1 && files.every(({ role }) => role === undefined);
      return isPlain ? files.map((each, i) => (i ? each : { ...each, role: roles[0] })) : files;
    })
    .refine((files) => {
      const count = (one: string) => files.filter(({ role }) => role === one).length;
      return roles.every((one) => count(one) <= 1) && needed.every((one) => count(one) === 1);
    });
  return expected(
    list,
    roles.length === 1
      ? 'a list of at least one file with its sources'
      : `a list of files with their sources, one for each role (${needed.join(', ')})`,
  );
}

/** The expectation of an entry whose family is not known. */
export const anyNetwork = z.object({
  family: expected(z.enum(Object.keys(FAMILIES)), Object.keys(FAMILIES).join(' or ')),
});

type Fields<F extends FamilyName> = z.output<z.ZodObject<(typeof FAMILIES)[F]['fields']>>;

// An alias, because an interface would not do as the record of fields that a family reads.
type Files = { files: ModelFile[] };

export type ModelFile = z.output<typeof modelFile> & {
  /** The graph that it is; undefined for a file that is none. */
  role?: string;
};
export type BuiltInEntry = z.output<typeof builtInEntry>;
/** A network, run by its family. */
export type NetworkEntry = {
  [F in FamilyName]: z.output<z.ZodObject<typeof network>> &
    Files &
    Fields<F> & {
      family: F;
      task: (typeof FAMILIES)[F]['task'];
      variants: (z.output<z.ZodObject<typeof variant>> & Files & Partial<Fields<F>>)[];
    };
}[FamilyName];
export type ModelEntry = BuiltInEntry | NetworkEntry;
/** What can be asked for in a cutout. */
export type CutoutEntry = Extract<ModelEntry, { task: 'cutout' }>;
