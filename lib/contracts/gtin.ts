/** Digits of the kinds of trade numbers: GTIN-8, UPC-A, EAN-13, GTIN-14. */
const LENGTHS = [8, 12, 13, 14];

/**
 * The digits of a barcode as people and machines write it, or undefined where it is none: its last digit is checked as
 * in the GS1 General Specifications, 7.9.
 * @example readGtin('0 36000 29145 2') // '036000291452'
 */
export function readGtin(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d+$/.test(digits) || !LENGTHS.includes(digits.length)) return undefined;
  const weighted = [...digits.padStart(14, '0')].map((digit, index) => Number(digit) * (index % 2 ? 1 : 3));
  return weighted.reduce((sum, each) => sum + each, 0) % 10 === 0 ? digits : undefined;
}

/** True for one number in two of its kinds, such as a UPC-A and the same as an EAN-13. */
export function isSameGtin(one: string, other: string): boolean {
  const digits = (text: string) => text.replace(/\D/g, '').padStart(14, '0');
  return digits(one) === digits(other);
}
