import { z } from 'zod/v4';

/** A schema with its expectation, which is what error texts quote. */
export function expected<T extends z.ZodType>(schema: T, text: string): T {
  return schema.describe(text);
}

export const shortText = expected(z.string().trim().min(1).max(500), 'a text of 1 to 500 characters');
