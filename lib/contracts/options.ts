import type { z } from 'zod/v4';

/** `fill_holes` as an option of a node or of the terminal is called: `fillHoles`. */
type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Word}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** What a door calls the parameters of a schema; it may have further options of its own. */
export type OptionsOf<Schema extends z.ZodObject> = {
  [Name in keyof z.input<Schema> & string as CamelCase<Name>]?: unknown;
};

/**
 * The parameters of a job among the options of a door: each from the option of the same name in camelCase, which is
 * what the node's collection and the terminal's `--fill-holes` give. What is not set, and options that are no
 * parameter, stay out; nothing is checked.
 * @example parametersOf(removeParams, { fillHoles: 2, timeout: 60 }) // { fill_holes: 2 }
 */
export function parametersOf<Schema extends z.ZodObject>(
  { shape }: Schema,
  options: OptionsOf<Schema>,
): Partial<z.input<Schema>> {
  const given = options as Record<string, unknown>;
  const named = Object.keys(shape).map((name) => [name, given[camelCase(name)]]);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== null)) as Partial<
    z.input<Schema>
  >;
}

/** `fill_holes`: `fillHoles`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
