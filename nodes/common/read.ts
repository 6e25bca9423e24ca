import { invalid, isWebAddress } from '../../lib/contracts';

/**
 * Values of parameters, checked. `label` is what the editor calls the parameter.
 * @throws VitrineError INVALID_PARAMETER
 */
export function wholeNumber(label: string, received: unknown, min: number, max: number): number {
  const number = Number(received);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw invalid(label, `a whole number from ${min} to ${max}`, received);
}

/** The name of a data field. */
export function fieldName(label: string, received: unknown): string {
  const name = typeof received === 'string' ? received.trim() : '';
  if (name) return name;
  throw invalid(label, 'the name of a data field, such as data', received);
}

/** An address that the engine can download from. */
export function webAddress(label: string, received: unknown): string {
  const url = String(received ?? '').trim();
  if (isWebAddress(url)) return url;
  throw invalid(label, 'an address that starts with http:// or https://', url);
}

/** Numbers stay numbers: they come back as they came. */
export function ownId(value: unknown): string | number | undefined {
  return typeof value === 'number' ? value : text(value);
}

/** Without blanks around it; undefined where nothing is left. */
export function text(value: unknown): string | undefined {
  return String(value ?? '').trim() || undefined;
}
