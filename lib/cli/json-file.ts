import { readFile } from 'node:fs/promises';
import { VitrineError, invalid } from '../contracts';
import { ifThere } from './files';

/**
 * A JSON object that a file holds.
 * @param expected what to name in its place
 * @param example how such an object begins
 * @throws VitrineError NOT_FOUND, INVALID_PARAMETER; the errors of `node:fs`
 */
export async function readJsonFile(
  file: string,
  expected: string,
  example: string,
): Promise<Record<string, unknown>> {
  const text = await ifThere(readFile(file, 'utf8'));
  if (text === undefined) {
    throw new VitrineError({
      code: 'NOT_FOUND',
      message: `${file} does not exist`,
      hint: `Name ${expected}.`,
    });
  }
  try {
    // Editors on Windows begin a file with a mark that is no JSON.
    const read: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof read === 'object' && read !== null && !Array.isArray(read))
      return read as Record<string, unknown>;
  } catch {
    // Said below; the parser's own words could quote a secret of the file.
  }
  throw invalid(
    file,
    'a file with a JSON object',
    'something else',
    `Write ${example}; a JSON checker shows the place.`,
  );
}
