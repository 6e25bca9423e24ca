import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { z } from 'zod/v4';
import { VitrineError } from './errors';

// A worker that only cuts needs none of it.
const loadYaml = () => createRequire(__filename)('yaml') as typeof Yaml;

/**
 * Reads a YAML file that has to look like its schema.
 * @throws VitrineError INVALID_PARAMETER naming the file, the field and what is wrong with it
 */
export async function readYaml<T extends z.ZodType>(file: string, schema: T): Promise<z.output<T>> {
  const text = await readFile(file, 'utf8');
  try {
    return schema.parse(loadYaml().parse(text));
  } catch (error) {
    throw new VitrineError(
      {
        code: 'INVALID_PARAMETER',
        message: `${file} cannot be used: ${reasonOf(error)}`,
        hint: 'Correct that field; the file of this kind that comes with the package shows how it is written.',
      },
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return (error as Error).message.split('\n')[0];
  const [{ path, message }] = error.issues;
  return `${path.join('.')}: ${message}`;
}
