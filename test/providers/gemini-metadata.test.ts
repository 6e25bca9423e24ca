import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { EVIDENT_FIELDS, productMetadata } from '../../lib/contracts';
import { type DescribeOptions, describeProduct } from '../../lib/providers';
import { type Gemini, type Reply, blocked, drop, failure, json, startGemini, words } from '../support/gemini';
import { tempFolder } from '../support/temp';

/** What pictures say of a product, as Gemini reads it, against a server with its contract. */
const KEY = 'AIza-very-secret-0123';
const folder = tempFolder();
let gemini: Gemini;
let images: string[];

beforeAll(async () => {
  gemini = await startGemini();
  images = ['front', 'back'].map((side) => {
    const file = join(folder, `${side}.jpg`);
    writeFileSync(file, `a jpeg of the ${side}`);
    return file;
  });
});
beforeEach(() => gemini.asked.splice(0));

const describeWith = (changes: Partial<DescribeOptions> = {}) =>
  describeProduct({
    ...{ apiKey: KEY, baseUrl: gemini.url, model: 'gemini-3.8-flash', images },
    ...{ allowHosts: ['127.0.0.1'], signal: new AbortController().signal },
    ...changes,
  });

async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'VitrineError', hint: expect.stringMatching(/\w{3,}/) });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY);
  return error;
}

interface Schema {
  properties: Record<string, { type: string[]; maxItems?: number; pattern?: string; maxLength?: number }>;
  required: string[];
  propertyOrdering: string[];
}
const configOf = (index = 0) =>
  gemini.asked[index].body.generationConfig as Record<string, unknown> & { responseJsonSchema: Schema };

/** What the model says of a can. */
const CAN = {
  brand_name_evidence: 'Coca-Cola, front',
  brand_name: 'Coca-Cola',
  brand_name_confidence: 0.99,
  product_name_evidence: 'Classic',
  product_name: 'Classic',
  product_name_confidence: 0.9,
  net_contents_evidence: '330 ml e',
  net_contents: '330 ml',
  net_contents_confidence: 0.8,
  category_evidence: 'Soft drink',
  category: 'Beverages > Soft drinks',
  category_confidence: 0.7,
  languages_evidence: 'Zutaten; Ingrédients',
  languages: ['DE', 'fr', 'fr', 'English'],
  languages_confidence: 0.6,
  ingredients_evidence: 'Zutaten: Wasser',
  ingredients: ' Wasser,\nZucker ',
  ingredients_confidence: 0.5,
  nutrition_facts_evidence: 'Nährwerte pro 100 ml',
  serving_size: '330 ml',
  per_100_unit: 'ml',
  per_100_energy_kcal: 42,
  per_100_sugars_g: 10.6,
  per_serving_energy_kcal: 139,
  nutrition_facts_confidence: 0.9,
};
const can = (changes: object = {}): Reply => words(JSON.stringify({ ...CAN, ...changes }));

test('what is seen has the seed’s shape, and what is not seen is null', async () => {
  gemini.script = [can()];
  const { metadata, model, warnings } = await describeWith();
  expect(productMetadata.parse(metadata)).toEqual(metadata);
  expect(warnings).toEqual([]);
  expect(model).toBe('gemini-3.8-flash');
  expect(Object.keys(metadata).slice(0, 2)).toEqual(['brand_info', 'product_identity']);
  expect(metadata).toMatchObject({
    brand_info: { brand_name: 'Coca-Cola', sub_brand: null, manufacturer: null },
    product_identity: {
      product_name: 'Classic',
      ...{ variant: null, net_contents: '330 ml', barcode_seen: null, country_of_origin: null },
    },
    ...{ category: 'Beverages > Soft drinks', claims: null, ingredients: 'Wasser, Zucker', allergens: null },
    languages: ['de', 'fr'],
  });
  expect(metadata.nutrition_facts).toMatchObject({
    serving_size: '330 ml',
    per_100_unit: 'ml',
    per_100: { energy_kcal: 42, sugars_g: 10.6, fat_g: null },
    per_serving: { energy_kcal: 139, sugars_g: null },
  });
  expect(metadata.evidence).toMatchObject({ brand_name: 'Coca-Cola, front', variant: null });
  expect(metadata.confidence).toMatchObject({ brand_name: 0.99, variant: null, nutrition_facts: 0.9 });
});

test('pictures go along, the key only in its header, and the job’s barcode not at all', async () => {
  gemini.script = [can()];
  await describeWith({ barcode: '8690504012345' });
  const [{ path, key, body }] = gemini.asked;
  expect(path).toBe('/v1beta/models/gemini-3.8-flash:generateContent');
  expect(key).toBe(KEY);
  const [prompt, ...pictures] = body.contents[0].parts;
  expect(prompt.text).toMatch(/null/);
  expect(
    pictures.map(({ inlineData }) => [inlineData!.mimeType, String(Buffer.from(inlineData!.data, 'base64'))]),
  ).toEqual([
    ['image/jpeg', 'a jpeg of the front'],
    ['image/jpeg', 'a jpeg of the back'],
  ]);
  expect(JSON.stringify(body)).not.toMatch(/8690504012345|very-secret/);
});

test('the schema is flat, all of it required and nullable, evidence before what it shows', async () => {
  gemini.script = [can()];
  await describeWith();
  const {
    responseMimeType,
    responseJsonSchema: schema,
    maxOutputTokens,
    thinkingConfig,
    ...rest
  } = configOf();
  expect(responseMimeType).toBe('application/json');
  expect(maxOutputTokens).toBeLessThanOrEqual(8192);
  expect(thinkingConfig).toEqual({ thinkingLevel: 'low' });
  expect(rest).toEqual({});
  const names = Object.keys(schema.properties);
  expect(schema.required).toEqual(names);
  expect(schema.propertyOrdering).toEqual(names);
  for (const [, { type, ...more }] of Object.entries(schema.properties)) {
    expect(type).toContain('null');
    expect(type).not.toContain('object');
    expect(more).not.toHaveProperty('maxItems');
    expect(more).not.toHaveProperty('pattern');
    expect(more).not.toHaveProperty('maxLength');
  }
  for (const field of EVIDENT_FIELDS.filter((name) => name !== 'nutrition_facts')) {
    const at = names.indexOf(field);
    expect(names.slice(at - 1, at + 2)).toEqual([`${field}_evidence`, field, `${field}_confidence`]);
  }
  expect(names.indexOf('nutrition_facts_evidence')).toBeLessThan(names.indexOf('per_100_fat_g'));
});

test('thoughts have a budget where models count them, and models that do not think are asked without', async () => {
  gemini.script = [can()];
  await describeWith({ model: 'gemini-2.5-flash' });
  expect(configOf().thinkingConfig).toEqual({ thinkingBudget: expect.any(Number) });

  gemini.asked.splice(0);
  gemini.script = [failure(400, 'Thinking level is not supported for this model.'), can()];
  await describeWith();
  expect(gemini.asked).toHaveLength(2);
  expect(configOf(1)).not.toHaveProperty('thinkingConfig');
});

describe('nothing is invented', () => {
  test.each([[null], [''], ['n/a'], ['Not visible'], ['unknown'], ['-']])(
    'evidence %j is none: neither value nor confidence',
    async (evidence) => {
      gemini.script = [can({ brand_name_evidence: evidence, nutrition_facts_evidence: evidence })];
      const { metadata } = await describeWith();
      expect(metadata.brand_info.brand_name).toBeNull();
      expect(metadata.nutrition_facts).toBeNull();
      expect(metadata.confidence).toMatchObject({ brand_name: null, nutrition_facts: null });
      expect(metadata.evidence).toMatchObject({ brand_name: null, nutrition_facts: null });
    },
  );

  test('a value that says in words that there is none has no confidence either', async () => {
    gemini.script = [can({ brand_name: 'Unknown', brand_name_confidence: 0.98, languages: ['English'] })];
    const { metadata } = await describeWith();
    expect(metadata.brand_info.brand_name).toBeNull();
    expect(metadata.confidence).toMatchObject({ brand_name: null, languages: null });
  });

  const withBarcode = (digits: string) =>
    can({ barcode_seen_evidence: 'below the bars', barcode_seen: digits, barcode_seen_confidence: 0.9 });

  test.each([
    ['0 36000 29145 2', '036000291452', undefined, []],
    ['036000291452', '036000291452', '0036000291452', []],
    [
      '4006381333931',
      '4006381333931',
      '036000291452',
      [/show the barcode 4006381333931, and the job says 036000291452/],
    ],
    ['4006381333932', null, undefined, [/4006381333932, has a wrong check digit/]],
    ['12345', null, undefined, [/wrong check digit or length/]],
  ])('the barcode %s', async (digits, seen, barcode, expected) => {
    gemini.script = [withBarcode(digits)];
    const { metadata, warnings } = await describeWith({ barcode });
    expect(metadata.product_identity.barcode_seen).toBe(seen);
    expect(metadata.confidence.barcode_seen).toBe(seen && 0.9);
    expect(warnings).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  test('numbers that cannot be are left out, and a confidence is within 0 and 1', async () => {
    gemini.script = [can({ per_100_fat_g: 420, per_serving_fat_g: -1, brand_name_confidence: 98 })];
    const { metadata, warnings } = await describeWith();
    expect(metadata.nutrition_facts?.per_100?.fat_g).toBeNull();
    expect(metadata.nutrition_facts?.per_serving?.fat_g).toBeNull();
    expect(metadata.confidence.brand_name).toBe(1);
    expect(warnings).toEqual([
      expect.stringContaining('per_100.fat_g'),
      expect.stringContaining('per_serving.fat_g'),
    ]);
  });

  test('a table without any number is none', async () => {
    const none = { per_100_energy_kcal: null, per_100_sugars_g: null, per_serving_energy_kcal: null };
    gemini.script = [can(none)];
    const { metadata } = await describeWith();
    expect(metadata.nutrition_facts).toBeNull();
    expect(metadata.confidence.nutrition_facts).toBeNull();
  });
});

describe('an answer of no use', () => {
  test.each([
    ['broken JSON', words('{"brand_name": "Co')],
    ['no JSON', words('Here is the product:')],
    ['another shape', words('{"brand_name": {"text": "Coca-Cola"}}')],
    ['a list', words('[]')],
    ['nothing', words('')],
    ['one that broke off', words('', 'MALFORMED_RESPONSE')],
  ])('%s is asked for once more, in the same words', async (_, reply) => {
    gemini.script = [reply, can()];
    expect((await describeWith()).metadata.brand_info.brand_name).toBe('Coca-Cola');
    expect(gemini.asked[1].body).toEqual(gemini.asked[0].body);

    gemini.asked.splice(0);
    gemini.script = [reply];
    expect((await failureOf(describeWith())).code).toMatch(/^PROVIDER_(FAILED|REJECTED)$/);
    expect(gemini.asked).toHaveLength(2);
  });

  test.each(['MAX_TOKENS', 'RECITATION'])(
    '%s: asked once more for less, and what was left out is told',
    async (reason) => {
      gemini.script = [words(JSON.stringify(CAN), reason), can()];
      const { metadata, warnings } = await describeWith();
      expect(metadata.brand_info.brand_name).toBe('Coca-Cola');
      expect(warnings).toEqual([expect.stringMatching(/ingredients, claims, allergens were left out/)]);
      expect(Object.keys(configOf(0).responseJsonSchema.properties)).toContain('ingredients');
      expect(Object.keys(configOf(1).responseJsonSchema.properties)).not.toContain('ingredients');
      expect(JSON.stringify(gemini.asked[1].body)).not.toContain('Coca-Cola');

      gemini.asked.splice(0);
      gemini.script = [words(JSON.stringify(CAN), reason)];
      const error = await failureOf(describeWith());
      expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', message: expect.stringContaining(reason) });
      expect(gemini.asked).toHaveLength(2);
    },
  );

  test.each([
    ['a blocked prompt', blocked('SAFETY'), /safety filter stopped it \(SAFETY\)/],
    ['SAFETY', words('{}', 'SAFETY'), /safety filter/],
    ['PROHIBITED_CONTENT', words('{}', 'PROHIBITED_CONTENT'), /prohibited/],
    ['a reason that is new', words('{}', 'SOMETHING_NEW'), /SOMETHING_NEW/],
    ['no candidate', json({ candidates: [] }), /wrote nothing/],
  ])('%s is not asked again', async (_, reply, reason) => {
    gemini.script = [reply];
    const error = await failureOf(describeWith());
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', message: expect.stringMatching(reason) });
    expect(gemini.asked).toHaveLength(1);
  });
});

describe('on the way', () => {
  test.each([
    ['429', failure(429, 'Quota', [], { 'retry-after': '0' })],
    ['500', failure(500, 'Internal', [], { 'retry-after': '0' })],
    ['503', failure(503, 'Overloaded', [], { 'retry-after': '0' })],
    ['a dropped connection', drop],
  ])('%s passes', async (_, reply) => {
    gemini.script = [reply, can()];
    expect((await describeWith()).metadata.brand_info.brand_name).toBe('Coca-Cola');
    expect(gemini.asked).toHaveLength(2);
  });

  test.each([
    [
      'a bad key',
      failure(400, `API key ${KEY} not valid.`, [{ reason: 'API_KEY_INVALID' }]),
      'PROVIDER_DENIED',
      /not valid/,
    ],
    [
      'a quota of nothing',
      failure(429, 'Quota exceeded, limit: 0, model: x', [{ retryDelay: '0.1s' }]),
      'PROVIDER_REJECTED',
      /no quota/,
    ],
    [
      'a schema that it does not take',
      failure(400, 'Invalid JSON schema'),
      'PROVIDER_REJECTED',
      /Invalid JSON schema/,
    ],
  ])('%s fails at once', async (_, reply, code, message) => {
    gemini.script = [reply];
    expect(await failureOf(describeWith())).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(gemini.asked).toHaveLength(1);
  });

  const list = json({
    models: [
      'gemini-3.8-flash',
      'gemini-3.1-flash-image',
      'gemini-4-carbon',
      'gemini-3.5-flash-lite',
      'embedding-9',
    ].map((name) => ({
      name: `models/${name}`,
      supportedGenerationMethods: ['generateContent'],
    })),
  });

  test('a model that was shut down is replaced by what the key has, unless the job named it', async () => {
    gemini.script = [failure(404, 'models/gemini-3.8-flash is not found'), list, can()];
    const { model, warnings } = await describeWith();
    expect(model).toBe('gemini-3.5-flash-lite');
    expect(warnings).toEqual([expect.stringContaining('gemini-3.5-flash-lite read the product')]);

    gemini.asked.splice(0);
    gemini.script = [failure(404, 'models/gemini-3.8-flash is not found')];
    expect((await failureOf(describeWith({ named: true }))).message).toMatch(/no model gemini-3.8-flash/);
    expect(gemini.asked).toHaveLength(1);
  });

  test('hanging up ends it', async () => {
    gemini.script = [() => undefined];
    const stop = new AbortController();
    const work = failureOf(describeWith({ signal: stop.signal }));
    setTimeout(() => stop.abort(), 100);
    expect((await work).code).toBe('CANCELLED');
  });

  test('an address inside is reached only where it is allowed', async () => {
    expect((await failureOf(describeWith({ allowHosts: [] }))).code).toBe('ADDRESS_BLOCKED');
  });
});

test('more pictures than a request may have: the first ones go, and that is told', async () => {
  const large = join(folder, 'large.jpg');
  writeFileSync(large, Buffer.alloc(14 * 1024 * 1024));
  gemini.script = [can()];
  const { warnings } = await describeWith({ images: [...images, large] });
  expect(gemini.asked[0].body.contents[0].parts).toHaveLength(3);
  expect(warnings).toEqual([expect.stringContaining('Only 2 of 3 pictures')]);
});

test('without pictures nothing is asked', async () => {
  expect((await failureOf(describeWith({ images: [] }))).code).toBe('INVALID_PARAMETER');
  expect(gemini.asked).toEqual([]);
});
