import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod/v4';
import { VitrineError, invalid, packagedRegistryFile, type ModelTask } from '../contracts';
import { FAMILIES } from './families';
import { anyNetwork, builtInEntry, networkSchema, type ModelEntry } from './schema';

/** Name of the file in the models folder that adds the user's own networks. */
const LOCAL_REGISTRY = 'registry.local.json';

/** Every model that can be asked for by id, the packaged ones first. */
export interface Registry {
  /** Absolute. */
  modelsDir: string;
  /** False: a device takes float16 files only where the model has no others for it. */
  halfPrecision: boolean;
  models: readonly ModelEntry[];
}

const registryFile = z.strictObject({ models: z.array(z.unknown()) });

/**
 * Reads the packaged registry and, where there is one, `registry.local.json` in the models folder.
 * @param halfPrecision as in the `Registry`
 * @throws VitrineError INVALID_MODEL naming the file, the entry and the field that is wrong
 */
export async function loadRegistry(modelsDir: string, halfPrecision = true): Promise<Registry> {
  const folder = resolve(modelsDir);
  const packaged = await (ofPackage ??= readEntries(packagedRegistryFile));
  const localFile = join(folder, LOCAL_REGISTRY);
  const models = [...packaged];
  for (const entry of existsSync(localFile) ? await readEntries(localFile) : []) {
    const earlier = models.find(({ id }) => id === entry.id);
    if (earlier) {
      const what = packaged.includes(earlier)
        ? 'an id of the packaged registry'
        : 'the id of an earlier entry';
      throw wrong(
        localFile,
        `its entry ${entry.id} has ${what}`,
        `Give the entry an id of its own, such as my-${entry.id}.`,
      );
    }
    if (entry.family === 'plain') {
      throw wrong(
        localFile,
        `its entry ${entry.id} has the family plain, which is built in`,
        'Choose the family of your network, such as saliency.',
      );
    }
    models.push(entry);
  }
  return { modelsDir: folder, halfPrecision, models };
}

/** Read once: the package's own file never changes while it runs. */
let ofPackage: Promise<ModelEntry[]> | undefined;

/**
 * The entry of an id.
 * @throws VitrineError UNKNOWN_MODEL listing the known ids
 */
export function findModel(registry: Registry, id: string): ModelEntry {
  const entry = registry.models.find((model) => model.id === id);
  if (entry) return entry;
  const known = ['auto', ...registry.models.map((model) => model.id)].join(', ');
  throw new VitrineError({
    code: 'UNKNOWN_MODEL',
    message: `Expected model to be one of ${known} but received ${JSON.stringify(id)}`,
    hint: `Choose one of them, or describe your own network in ${LOCAL_REGISTRY} in the models folder.`,
  });
}

/**
 * As {@link findModel}, for a model that shall do a task.
 * @throws VitrineError INVALID_PARAMETER for a model of another task, naming those of this one
 */
export function findForTask<Task extends ModelTask>(
  registry: Registry,
  id: string,
  task: Task,
): Extract<ModelEntry, { task: Task }> {
  const entry = findModel(registry, id);
  const isForTask = (each: ModelEntry): each is Extract<ModelEntry, { task: Task }> => each.task === task;
  if (isForTask(entry)) return entry;
  const others = registry.models.filter(isForTask).map((each) => each.id);
  throw invalid(
    'model',
    `one for the task ${task} (${others.join(', ')})`,
    id,
    `${id} is for the task ${entry.task}: choose another model.`,
  );
}

async function readEntries(file: string): Promise<ModelEntry[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw wrong(
      file,
      `it cannot be read as JSON (${(error as Error).message})`,
      'Correct the file; a JSON checker shows the place.',
      error,
    );
  }
  const list = registryFile.safeParse(json);
  if (!list.success) {
    throw wrong(
      file,
      'it is not an object with one list named models',
      'Write { "models": [ … ] } with an object for each model.',
    );
  }
  return list.data.models.map((value, index) => readEntry(file, value, index));
}

function readEntry(file: string, value: unknown, index: number): ModelEntry {
  const { id, family } = (value ?? {}) as Record<string, unknown>;
  const result = schemaOf(family).safeParse(value);
  // What the schema of its family let through is an entry of that family.
  if (result.success) return result.data as ModelEntry;
  const issue = result.error.issues[0];
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  const entry = typeof id === 'string' ? `entry ${id}` : `entry ${index + 1}`;
  if (issue.code === 'unrecognized_keys') {
    throw wrong(
      file,
      `${entry} has an unknown field ${path.join('.')}`,
      `Remove ${path.join('.')}, or correct its spelling.`,
    );
  }
  if (!path.length)
    throw wrong(
      file,
      `${entry} is not an object`,
      'Write an object with id, name, family, license and files.',
    );
  const expectation = describe(schemaOf(family), path) ?? issue.message;
  const received =
    JSON.stringify(path.reduce((inner, key) => (inner as never)?.[key], value as never)) ?? 'nothing';
  throw wrong(
    file,
    `in ${entry}, expected ${path.join('.')} to be ${expectation} but received ${received.slice(0, 80)}`,
    `Set ${path.join('.')} to ${expectation}.`,
  );
}

function schemaOf(family: unknown): z.ZodObject {
  if (family === 'plain') return builtInEntry;
  return Object.hasOwn(FAMILIES, String(family)) ? networkSchema(String(family)) : anyNetwork;
}

/** The expectation of the innermost field on the path that states one. */
function describe(schema: z.ZodType, path: PropertyKey[]): string | undefined {
  let field: z.ZodType | undefined = schema;
  let found: string | undefined;
  for (const key of path) {
    field = inner(field, key);
    if (!field) break;
    found = field.description ?? found;
  }
  return found;
}

function inner(schema: z.ZodType | undefined, key: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return inner(schema.unwrap() as z.ZodType, key);
  }
  if (schema instanceof z.ZodObject) return schema.shape[String(key)] as z.ZodType | undefined;
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  return undefined;
}

function wrong(file: string, what: string, hint: string, cause?: unknown): VitrineError {
  return new VitrineError(
    { code: 'INVALID_MODEL', message: `The model registry ${file} is wrong: ${what}`, hint },
    { cause },
  );
}
