import type { z } from 'zod/v4';
import { VitrineError } from './errors';
import { isSecretName, redactedJson } from './redact';

/**
 * The one way to say that a value is wrong. Of a value that is a secret, or holds one, only the rest is shown.
 * @example throw invalid('quality', 'a whole number from 1 to 100', 0)
 * // Expected quality to be a whole number from 1 to 100 but received 0
 */
export function invalid(name: string, expected: string, received: unknown, hint?: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_PARAMETER',
    message: `Expected ${name} to be ${expected} but received ${describe(name, received)}`,
    hint: hint ?? `Set ${name} to ${expected}, or leave it out to use the default.`,
  });
}

/**
 * Parses `value` with a schema whose fields, those of objects inside of it too, carry their expectation in
 * `.describe()`.
 * @throws VitrineError INVALID_PARAMETER naming the field and what was received
 */
export function parse<T extends z.ZodObject>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = issue.path.join('.');
  const fields = schemasAlong(schema, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(fieldsOf(fields.at(-1)) ?? {}).sort();
    throw invalid(
      name ? `every field of ${name}` : 'every parameter',
      `one of ${known.join(', ')}`,
      issue.keys[0],
      `Remove ${issue.keys[0]}, or correct its spelling.`,
    );
  }
  const described = fields.map(descriptionOf).findLast(Boolean);
  throw invalid(name || 'the request', described ?? issue.message, at(value, issue.path));
}

/** The schema itself, and those of the fields on the way to a place in it. */
function schemasAlong(schema: z.ZodObject, path: PropertyKey[]): z.ZodType[] {
  const found: z.ZodType[] = [schema];
  for (const key of path) {
    const next = fieldsOf(found.at(-1))?.[String(key)] as z.ZodType | undefined;
    if (!next) break;
    found.push(next);
  }
  return found;
}

/** The fields of an object's schema. */
function fieldsOf(schema: z.ZodType | undefined): z.ZodObject['shape'] | undefined {
  if (!schema) return undefined;
  return (schema as Partial<z.ZodObject>).shape ?? fieldsOf(insideOf(schema));
}

function descriptionOf(schema: z.ZodType): string | undefined {
  const inside = insideOf(schema);
  return schema.description ?? (inside && descriptionOf(inside));
}

/** What is read from a text first, or may be left out. */
function insideOf(schema: z.ZodType): z.ZodType | undefined {
  const { out, def } = schema as { out?: z.ZodType; def?: { innerType?: z.ZodType } };
  return out ?? def?.innerType;
}

/** What lies at a path; the whole text where a list or an object was read from one. */
function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce(
    (inner, key) =>
      typeof inner === 'string' ? inner : (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}

function describe(name: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (isSecretName(name)) return 'something else, which is not shown';
  const text = asText(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function asText(value: unknown): string {
  try {
    return redactedJson(value);
  } catch {
    // JSON.parse reads lists in lists as deep as they go; JSON.stringify ends with the stack.
    return 'something nested too deeply to show';
  }
}
