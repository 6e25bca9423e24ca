import type { z } from 'zod/v4';
import { VitrineError } from './errors';

/**
 * The one way to say that a value is wrong.
 * @example throw invalid('quality', 'a whole number from 1 to 100', 0)
 * // Expected quality to be a whole number from 1 to 100 but received 0
 */
export function invalid(name: string, expected: string, received: unknown, hint?: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_PARAMETER',
    message: `Expected ${name} to be ${expected} but received ${describe(received)}`,
    hint: hint ?? `Set ${name} to ${expected}, or leave it out to use the default.`,
  });
}

/** Parses `value` with a schema whose fields carry their expectation in `.describe()`. */
export function parse<T extends z.ZodObject>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).sort().join(', ');
    throw invalid(
      'every parameter',
      `one of ${known}`,
      issue.keys[0],
      `Remove ${issue.keys[0]}, or correct its spelling.`,
    );
  }
  const name = issue.path.length ? issue.path.join('.') : 'the request';
  const field = schema.shape[String(issue.path[0])] as z.ZodType | undefined;
  throw invalid(name, field?.description ?? issue.message, at(value, issue.path));
}

function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value) ?? value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
