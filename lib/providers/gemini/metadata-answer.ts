import { z } from 'zod/v4';
import {
  EVIDENT_FIELDS,
  NUTRIENTS,
  type Nutrient,
  type ProductMetadata,
  UNPRINTABLE,
  isSameGtin,
  readGtin,
} from '../../contracts';
import { parseJson } from '../answer';
import { LIST_FIELDS, PER_100, PER_SERVING, TEXT_FIELDS } from './metadata-schema';

/** Characters of a text, and entries of a list: more is a model that does not come to an end. */
const [MAX_TEXT, MAX_EVIDENCE, MAX_ENTRIES] = [4000, 300, 40];
/** How models say null where they were asked for a text. */
const NOTHING =
  /^(null|nil|none|n\/?a|unknown|undefined|[-–—.?\s]*|not (visible|seen|shown|legible|readable|available|printed|specified|applicable)\b.*)$/i;
/** The most of each that 100 g or 100 ml can have: pure fat has 900 kcal, pure salt 39,300 mg of sodium. */
const MOST: Partial<Record<Nutrient, number>> = { energy_kj: 3800, energy_kcal: 905, sodium_mg: 39_500 };
const MOST_GRAMS = 100;

const flat = z.object(
  Object.fromEntries([
    ...[...TEXT_FIELDS, 'serving_size'].map((name) => [name, z.string().nullish()]),
    ...LIST_FIELDS.map((name) => [name, z.array(z.string()).nullish()]),
    ...EVIDENT_FIELDS.flatMap((name) => [
      [`${name}_evidence`, z.string().nullish()],
      [`${name}_confidence`, z.number().nullish()],
    ]),
    ['per_100_unit', z.enum(['g', 'ml']).nullish().catch(null)],
    ...[...PER_100, ...PER_SERVING].map((name) => [name, z.number().nullish()]),
  ]),
);

/**
 * A model's answer as metadata. What has no evidence is null, whatever else is said of it.
 * @param text what the model wrote
 * @param barcode the job's own, to compare with
 * @returns undefined for what is no JSON, or of another shape
 */
export function readMetadata(
  text: string,
  barcode?: string,
): { metadata: ProductMetadata; warnings: string[] } | undefined {
  const read = flat.safeParse(parseJson(text));
  if (!read.success) return undefined;
  const said = read.data as Record<string, unknown>;
  const warnings: string[] = [];
  const evidenceOf = (name: string) => textOf(said[`${name}_evidence`], MAX_EVIDENCE);
  const fieldOf = (name: string) => (evidenceOf(name) === null ? null : textOf(said[name], MAX_TEXT));
  const listOf = (name: string) => (evidenceOf(name) === null ? null : entriesOf(said[name]));

  const texts = Object.fromEntries(TEXT_FIELDS.map((name) => [name, fieldOf(name)]));
  const { brand_name, sub_brand, manufacturer, category, ingredients, ...identity } = texts;
  const { product_name, variant, net_contents, country_of_origin } = identity;
  const barcode_seen = barcodeOf(texts.barcode_seen, barcode, warnings);
  const languages = codesOf(listOf('languages'));
  const lists = { claims: listOf('claims'), allergens: listOf('allergens'), languages };
  const nutrition_facts = evidenceOf('nutrition_facts') === null ? null : nutritionOf(said, warnings);
  const seen: Record<string, unknown> = { ...texts, ...lists, barcode_seen, nutrition_facts };
  const ofSeen = <T>(valueOf: (name: string) => T | null) =>
    Object.fromEntries(EVIDENT_FIELDS.map((name) => [name, seen[name] === null ? null : valueOf(name)]));
  const metadata = {
    brand_info: { brand_name, sub_brand, manufacturer },
    product_identity: { product_name, variant, net_contents, barcode_seen, country_of_origin },
    ...{ category, ...lists, ingredients, nutrition_facts },
    evidence: ofSeen(evidenceOf),
    confidence: ofSeen((name) => confidenceOf(said[`${name}_confidence`])),
  };
  return { metadata: metadata as ProductMetadata, warnings };
}

/** A text, or null where it says in words that there is none. */
function textOf(value: unknown, longest: number): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim().slice(0, longest);
  return NOTHING.test(text) ? null : text;
}

function entriesOf(value: unknown): string[] | null {
  const texts = (Array.isArray(value) ? value : []).map((entry) => textOf(entry, MAX_EVIDENCE));
  const kept = [...new Set(texts.filter((entry) => entry !== null))].slice(0, MAX_ENTRIES);
  return kept.length ? kept : null;
}

function codesOf(languages: string[] | null): string[] | null {
  const codes = languages?.map((code) => code.toLowerCase()).filter((code) => /^[a-z]{2,3}$/.test(code));
  return codes?.length ? codes : null;
}

function confidenceOf(value: unknown): number | null {
  return typeof value === 'number' ? Math.min(1, Math.max(0, value)) : null;
}

function barcodeOf(seen: string | null, known: string | undefined, warnings: string[]): string | null {
  if (seen === null) return null;
  const digits = readGtin(seen);
  if (!digits) {
    warnings.push(
      `The barcode that was read from the pictures, ${seen}, has a wrong check digit or length: left out.`,
    );
    return null;
  }
  if (known && !isSameGtin(digits, known))
    warnings.push(
      `The pictures show the barcode ${digits}, and the job says ${known}: is it the right product?`,
    );
  return digits;
}

function nutritionOf(said: Record<string, unknown>, warnings: string[]): ProductMetadata['nutrition_facts'] {
  const per_100 = nutrientsOf(said, 'per_100', warnings);
  const per_serving = nutrientsOf(said, 'per_serving', warnings);
  if (!per_100 && !per_serving) return null;
  const unit = (said.per_100_unit ?? null) as 'g' | 'ml' | null;
  return {
    serving_size: textOf(said.serving_size, MAX_EVIDENCE),
    per_100_unit: per_100 && unit,
    per_100,
    per_serving,
  };
}

function nutrientsOf(said: Record<string, unknown>, column: 'per_100' | 'per_serving', warnings: string[]) {
  const values = NUTRIENTS.map((name): [Nutrient, number | null] => {
    const value = said[`${column}_${name}`];
    if (typeof value !== 'number') return [name, null];
    const most = column === 'per_100' ? (MOST[name] ?? MOST_GRAMS) : 100_000;
    if (value >= 0 && value <= most) return [name, value];
    warnings.push(`${column}.${name} was read as ${value}, which cannot be: left out.`);
    return [name, null];
  });
  if (values.every(([, value]) => value === null)) return null;
  return Object.fromEntries(values) as Record<Nutrient, number | null>;
}
