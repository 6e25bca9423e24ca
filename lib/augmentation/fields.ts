import { z } from 'zod/v4';
import type { Random } from './random';
import type { Transform } from './types';

/** One parameter of a transform: a pipeline gives a range, a record the value that was drawn from it. */
export interface Field<Value, Range = unknown> {
  /** Undefined where a pipeline has no say in it. */
  range?: z.ZodType<Range>;
  value: z.ZodType<Value>;
  draw(range: Range, random: Random): Value;
}

/** Lowest and highest. */
export type Range = [number, number];

/** Six digits are enough to make a picture again, and short enough to be read. */
const short = (value: number) => Number(value.toPrecision(6));

/** A range in a pipeline: two numbers, or one for always the same. */
export function rangeOf(number: z.ZodNumber, usual: Range, what: string): z.ZodType<Range> {
  const { minValue, maxValue } = number;
  const error = () =>
    `Expected ${what} from ${minValue} to ${maxValue}, or a list of two, the lower one first`;
  return z
    .union([number, z.tuple([number, number])], { error })
    .transform((value): Range => (typeof value === 'number' ? [value, value] : value))
    .refine(([low, high]) => low <= high, { error })
    .default(usual);
}

/** Any number, each as likely. */
export function uniform(low: number, high: number, usual: Range): Field<number, Range> {
  const value = z.number().min(low).max(high);
  return {
    range: rangeOf(value, usual, 'a number'),
    value,
    draw: ([from, to], random) => short(random.uniform(from, to)),
  };
}

/** Whole numbers, each as likely. */
export function whole(low: number, high: number, usual: Range): Field<number, Range> {
  const value = z.int().min(low).max(high);
  return {
    range: rangeOf(value, usual, 'a whole number'),
    value,
    draw: ([from, to], random) => random.whole(from, to),
  };
}

/** Odd numbers, each as likely. */
export function odd(low: number, high: number, usual: Range): Field<number, Range> {
  const value = z.int().min(low).max(high);
  return {
    range: rangeOf(value, usual, 'a whole number').refine(([from, to]) => from < to || from % 2 === 1, {
      error: 'Expected a range with an odd number in it',
    }),
    value: value.refine((size) => size % 2 === 1),
    draw: ([from, to], random) => 2 * random.whole(Math.floor(from / 2), Math.floor((to - 1) / 2)) + 1,
  };
}

/** One of some names, each as likely. */
export function choice<const Name extends string>(names: readonly Name[], usual: Name): Field<Name, Name[]> {
  const value = z.enum(names);
  const error = () => `Expected ${names.join(', ')}, or a list of some of them`;
  return {
    range: z
      .union([value, z.array(value).min(1)], { error })
      .transform((given) => (typeof given === 'string' ? [given] : given))
      .default([usual]),
    value,
    draw: (given, random) => random.pick(given),
  };
}

/** The seed of what is random within a picture. */
export function seed(): Field<number> {
  return { value: z.int().min(0).max(0xffffffff), draw: (_, random) => random.word() };
}

/** All names, in any order. */
export function orderOf<const Name extends string>(names: readonly Name[]): Field<Name[]> {
  return { value: z.array(z.enum(names)).length(names.length), draw: (_, random) => random.shuffle(names) };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Fields = Record<string, Field<any, any>>;
type DrawnOf<F extends Fields> = { [Name in keyof F]: z.output<F[Name]['value']> };
type AskedOf<F extends Fields> = { [Name in keyof F]: z.output<NonNullable<F[Name]['range']>> };

/** Schemas and drawing of several fields, one after the other. */
export function fieldsOf<F extends Fields>(
  fields: F,
): Pick<Transform<AskedOf<F>, DrawnOf<F>>, 'asked' | 'drawn' | 'draw'> {
  const shape = (part: 'range' | 'value') =>
    z.strictObject(
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, { [part]: schema }]) => (schema ? [[name, schema]] : [])),
      ),
    );
  return {
    asked: shape('range') as unknown as z.ZodType<AskedOf<F>>,
    drawn: shape('value') as unknown as z.ZodType<DrawnOf<F>>,
    draw: (asked, random) =>
      Object.fromEntries(
        Object.entries(fields).map(([name, field]) => [name, field.draw(asked[name], random)]),
      ) as DrawnOf<F>,
  };
}

/** A transform whose parameters are drawn one by one. */
export function defineTransform<F extends Fields>(
  fields: F,
  rest: Pick<Transform<AskedOf<F>, DrawnOf<F>>, 'danger' | 'effects'>,
): Transform<AskedOf<F>, DrawnOf<F>> {
  return { ...fieldsOf(fields), ...rest };
}
