/** Name of the node that the converted workflow starts with, and whose JSON its expressions read. */
export const TRIGGER = 'Job Arrives';

/** Something in a file that has no counterpart in n8n. */
export interface Problem {
  /** Such as `nodes[0].parameters.inputPath`. */
  where: string;
  /** What stands there and what is known instead. */
  what: string;
}

const NAME = /^[A-Za-z][\w-]*$/;
const WHOLE_EXPRESSION = /^\{\{([^{}]*)\}\}$/;
const EXPRESSION = /(\{\{[^{}]*\}\})/;

/** Whether a text, or any text inside of a list or an object, has `{{…}}`. */
export function hasExpression(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasExpression);
}

/** The variables of every expression in a value, in their order, each once. */
export function variablesIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return unique(Object.values(value).flatMap(variablesIn));
  if (typeof value !== 'string') return [];
  const names = value.split(EXPRESSION).map((part) => WHOLE_EXPRESSION.exec(part)?.[1].trim() ?? '');
  return unique(names.filter((name) => NAME.test(name)));
}

/** What in a value reads as an expression but is no `{{variable}}`. */
export function unknownExpressions(value: unknown, where: string): Problem[] {
  if (typeof value === 'object' && value !== null) {
    const place = (key: string) => (Array.isArray(value) ? `${where}[${key}]` : `${where}.${key}`);
    return Object.entries(value).flatMap(([key, inner]) => unknownExpressions(inner, place(key)));
  }
  if (typeof value !== 'string') return [];
  return value.split(EXPRESSION).flatMap((part) => {
    const name = WHOLE_EXPRESSION.exec(part)?.[1].trim();
    if (name === undefined ? !part.includes('{{') : NAME.test(name)) return [];
    return [{ where, what: `the expression ${part} is not known, only variables such as {{mediaId}} are` }];
  });
}

/**
 * A value as a parameter of n8n: an object as its JSON, and what has variables as an expression, in which a variable that
 * the job leaves out is empty.
 */
export function asParameter(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (hasExpression(value)) return `={{ ${isObject ? `JSON.stringify(${code(value)})` : code(value)} }}`;
  if (isObject) return JSON.stringify(value);
  // What begins with an equals sign is code for n8n.
  return typeof value === 'string' && value.startsWith('=') ? `={{ ${code(value)} }}` : value;
}

/** JavaScript for a value. Two closing braces in a row would end the expression of n8n that it stands in. */
export function code(value: unknown): string {
  if (typeof value === 'string') return textCode(value);
  if (Array.isArray(value)) return `[${value.map(code).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, inner]) => `${literal(name)}: ${code(inner)}`);
  return `{ ${fields.join(', ')} }`;
}

function textCode(text: string): string {
  const parts = text.split(EXPRESSION).filter((part) => part !== '');
  const codes = parts.map((part) => {
    const name = WHOLE_EXPRESSION.exec(part)?.[1].trim();
    return name === undefined ? literal(part) : variable(name);
  });
  return codes.length > 1 ? `[${codes.join(', ')}].join('')` : (codes[0] ?? "''");
}

function literal(text: string): string {
  return JSON.stringify(text).replaceAll('{', '\\u007b').replaceAll('}', '\\u007d');
}

function variable(name: string): string {
  const place = /^\w+$/.test(name) ? `.${name}` : `[${literal(name)}]`;
  return `($('${TRIGGER}').first().json.body${place} ?? '')`;
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
