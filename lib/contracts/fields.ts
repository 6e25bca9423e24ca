import { z } from 'zod/v4';

/** JSON booleans, and the spellings that form fields arrive in, as booleans; anything else as it is. */
export function readFlag(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off', ''].includes(text)) return false;
  return value;
}

/** True or false, as JSON or as a form has it. */
export const flag = z.preprocess(readFlag, z.boolean());

/** A whole number, as JSON or as a form has it. */
export const whole = (min: number, max: number) => z.preprocess(readNumber, z.int().min(min).max(max));

/** A number, as JSON or as a form has it. */
export const number = (min: number, max: number) => z.preprocess(readNumber, z.number().min(min).max(max));

/** A blank form field means "not set". */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional()).optional();

export const oneOf = (values: readonly string[]) => `one of ${values.join(', ')}`;

/** `#rgb` or `#rrggbb`. */
export const color = z.string().regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i);

function readNumber(value: unknown): unknown {
  return typeof value === 'string' && value.trim() ? Number(value) : value;
}

/** An object, or the JSON of one; what cannot be read is left for the schema to refuse. */
export function readObject(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
