import { z } from 'zod/v4';

/** What nutrition facts tell, each in the unit of its name. */
export const NUTRIENTS = [
  'energy_kj',
  'energy_kcal',
  'fat_g',
  'saturated_fat_g',
  'carbohydrates_g',
  'sugars_g',
  'fiber_g',
  'protein_g',
  'salt_g',
  'sodium_mg',
] as const;
export type Nutrient = (typeof NUTRIENTS)[number];

/** Fields that something on the product has to show. */
export const EVIDENT_FIELDS = [
  'brand_name',
  'sub_brand',
  'manufacturer',
  'product_name',
  'variant',
  'net_contents',
  'barcode_seen',
  'country_of_origin',
  'category',
  'claims',
  'ingredients',
  'allergens',
  'languages',
  'nutrition_facts',
] as const;
export type EvidentField = (typeof EVIDENT_FIELDS)[number];

const text = z.string().nullable();
const list = z.array(z.string()).nullable();
const byName = <N extends string, T extends z.ZodType>(names: readonly N[], schema: T) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, schema])) as Record<N, T>);
const nutrients = byName(NUTRIENTS, z.number().min(0).nullable()).nullable();

/**
 * What a product's pictures say of it. A field that they do not show is null, and so are its evidence and its
 * confidence; nothing is filled in from elsewhere.
 */
export const productMetadata = z.strictObject({
  brand_info: z.strictObject({ brand_name: text, sub_brand: text, manufacturer: text }),
  product_identity: z.strictObject({
    product_name: text,
    /** Flavour, scent, colour or kind. */
    variant: text,
    /** As it stands there: `330 ml`, `6 x 50 g`. */
    net_contents: text,
    /** Digits below a barcode, or read from it, with a right check digit; not the one that the job knows. */
    barcode_seen: text,
    country_of_origin: text,
  }),
  /** From the general to the particular: `Beverages > Soft drinks > Cola`. */
  category: text,
  /** `Organic`, `Sugar free`, as they stand there. */
  claims: list,
  /** In the words of the pack. */
  ingredients: text,
  allergens: list,
  /** Of the words on the pack, ISO 639-1. */
  languages: list,
  nutrition_facts: z
    .strictObject({
      serving_size: text,
      /** What `per_100` counts: 100 g or 100 ml. */
      per_100_unit: z.enum(['g', 'ml']).nullable(),
      per_100: nutrients,
      per_serving: nutrients,
    })
    .nullable(),
  /** What shows each field, as it stands on the product. */
  evidence: byName(EVIDENT_FIELDS, text),
  /** 0..1, as the model judges it. */
  confidence: byName(EVIDENT_FIELDS, z.number().min(0).max(1).nullable()),
});

export type ProductMetadata = z.output<typeof productMetadata>;
