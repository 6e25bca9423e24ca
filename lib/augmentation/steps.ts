import { z } from 'zod/v4';
import { nearest } from '../contracts';
import { type Range, rangeOf } from './fields';
import { TRANSFORMS } from './transforms';
import type { Transform } from './types';

export type TransformName = keyof typeof TRANSFORMS;

/** One step of a pipeline, with the chance 0..1 that it is taken. */
export type Step =
  | { transform: TransformName; probability: number; asked: unknown }
  /** One of these, as likely as their probabilities say beside each other. */
  | { one_of: Step[]; probability: number }
  /** So many of these, each as likely, in their order here; the probability of each counts as well. */
  | { some_of: Step[]; pick: Range; probability: number };

/** The transform of a name, as one of which nothing more is known. */
export function transformOf(name: TransformName): Transform {
  return TRANSFORMS[name] as unknown as Transform;
}

const probability = z.number().min(0).max(1).default(1);
const children = z.lazy(() => z.array(stepSchema).min(1));
const oneOfSchema = z.strictObject({ one_of: children, probability });
const someOfSchema = z
  .strictObject({
    some_of: children,
    pick: rangeOf(z.int().min(0).max(100), [1, 2], 'a whole number'),
    probability,
  })
  .refine(({ some_of, pick }) => pick[1] <= some_of.length, {
    path: ['pick'],
    error: 'Expected at most as many as there are steps in some_of',
  });

type Context = z.RefinementCtx;

/** A step as a file says it: a transform with its ranges, or a choice of steps. */
export const stepSchema: z.ZodType<Step> = z.looseObject({}).transform((given, context): Step => {
  if ('one_of' in given) return parseInto(context, oneOfSchema, given) ?? z.NEVER;
  if ('some_of' in given) return parseInto(context, someOfSchema, given) ?? z.NEVER;
  const { transform: name, probability: chance, ...asked } = given;
  const names = Object.keys(TRANSFORMS);
  if (typeof name !== 'string' || !Object.hasOwn(TRANSFORMS, name)) {
    const hint = typeof name === 'string' ? `; did you mean ${nearest(name, names).join(' or ')}?` : '';
    context.addIssue({
      code: 'custom',
      path: ['transform'],
      message: `Expected transform (or one_of, some_of) to be one of ${names.join(', ')} but received ${JSON.stringify(name) ?? 'nothing'}${hint}`,
    });
    return z.NEVER;
  }
  const taken = parseInto(context, probability, chance, ['probability']);
  const ranges = parseInto(context, transformOf(name as TransformName).asked, asked);
  return { transform: name as TransformName, probability: taken!, asked: ranges };
});

/** What a schema makes of a value, its complaints handed on. */
function parseInto<T>(
  context: Context,
  schema: z.ZodType<T>,
  value: unknown,
  path: PropertyKey[] = [],
): T | undefined {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  for (const issue of error.issues) {
    const unknown =
      issue.code === 'unrecognized_keys' ? unknownParameter(schema, issue.keys[0]) : issue.message;
    context.addIssue({ code: 'custom', path: [...path, ...issue.path], message: unknown });
  }
  return undefined;
}

function unknownParameter(schema: z.ZodType, name: string): string {
  const known = Object.keys((schema as Partial<z.ZodObject>).shape ?? {});
  const hint = known.length ? `; did you mean ${nearest(name, known).join(' or ')}?` : '; there are none';
  return `There is no parameter ${JSON.stringify(name)}${hint}`;
}
