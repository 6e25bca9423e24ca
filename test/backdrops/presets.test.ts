import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SURFACES } from '../../lib/contracts';
import {
  findMarketplace,
  findPreset,
  loadPresets,
  lookOf,
  marketplaceFrame,
  presetSummaries,
} from '../../lib/backdrops';
import { tempFolder } from '../support/temp';

const folder = tempFolder();

test('every preset of the seed service is there, and those that shops use, each with its words and its light', async () => {
  const presets = await loadPresets(folder);
  const seeds = ['product-studio', 'portrait-outdoor', 'minimalist', 'studio-gradient', 'nature-scene'];
  const shops = ['marble', 'wood', 'linen', 'concrete', 'podium', 'marketplace-white', 'shadow-only'];
  const scenes = ['kitchen', 'bathroom', 'festive'];
  expect([...presets.keys()].sort()).toEqual([...seeds, ...shops, ...scenes].sort());
  for (const preset of presets.values()) {
    expect(preset).toMatchObject({
      description: expect.any(String),
      prompt: expect.any(String),
      negative_prompt: expect.stringContaining('people, text, watermark'),
      colors: expect.any(Array),
      light: expect.any(Object),
    });
  }
  const generated = [...presets].filter(([, { backdrop }]) => backdrop === 'generated').map(([name]) => name);
  expect(generated.sort()).toEqual(['portrait-outdoor', 'nature-scene', ...scenes].sort());
  const surfaces = [...presets.values()].map(({ surface = 'paper' }) => surface);
  expect(surfaces).toEqual(expect.arrayContaining([...SURFACES]));
});

test('an unknown one names the nearest', async () => {
  const presets = await loadPresets(folder);
  expect(() => findPreset(presets, 'marbel')).toThrow(
    /Expected preset to be one of product-studio, .* but received "marbel"/,
  );
  try {
    findPreset(presets, 'studio');
  } catch (error) {
    expect((error as { hint: string }).hint).toMatch(
      /product-studio or studio-gradient|studio-gradient or product-studio/,
    );
  }
  expect.assertions(2);
});

test('users add their own, and change ours', async () => {
  const own = mkdtempSync(join(folder, 'own-'));
  writeFileSync(
    join(own, 'presets.local.yaml'),
    "presets:\n  house:\n    backdrop: color\n    colors: ['#123456']\n  marble:\n    reflection: 0.9\n",
  );
  const presets = await loadPresets(own);
  expect(findPreset(presets, 'house')).toEqual({ backdrop: 'color', colors: ['#123456'] });
  expect(findPreset(presets, 'marble')).toEqual({ reflection: 0.9 });
  expect(presets.has('wood')).toBe(true);
});

test('a picker is told of all, and which are the user’s own', async () => {
  const own = mkdtempSync(join(folder, 'own-'));
  const text = 'presets:\n  house: { description: Ours }\n  kitchen: { backdrop: image }\n';
  writeFileSync(join(own, 'presets.local.yaml'), text);
  const summaries = await presetSummaries(own);
  expect(summaries).toHaveLength(16);
  expect(summaries.filter(({ own }) => own)).toEqual([
    { name: 'kitchen', description: '', backdrop: 'image', own: true },
    { name: 'house', description: 'Ours', backdrop: 'studio', own: true },
  ]);
});

test.each([
  ['presets:\n  house:\n    colour: red\n', /house: Unrecognized key/],
  ['presets: [', /cannot be used/],
  ["presets:\n  house:\n    colors: ['red']\n", /presets\.house\.colors\.0/],
])('a file that says %j is refused by field', async (text, expected) => {
  const own = mkdtempSync(join(folder, 'own-'));
  writeFileSync(join(own, 'presets.local.yaml'), text);
  await expect(loadPresets(own)).rejects.toThrow(expected);
});

test('later changes win, field by field', () => {
  const look = lookOf('studio', { reflection: 0.4, light: { azimuth: 10 } }, { light: { shadow: 0.9 } });
  expect(look).toMatchObject({ reflection: 0.4, light: { azimuth: 10, shadow: 0.9 } });
  expect(look.light.elevation).toBe(lookOf('studio').light.elevation);
});

test.each(['any', 'amazon', 'ebay', 'google', 'zalando', 'walmart', 'shopify', 'etsy'])(
  '%s has its rules, their source, and the day they were looked up',
  async (name) => {
    expect(await findMarketplace(name)).toMatchObject({
      source: expect.stringMatching(/\w{5}/),
      checked: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      side: 0.85,
    });
  },
);

test('an unknown marketplace names the nearest', async () => {
  await expect(findMarketplace('amazn')).rejects.toMatchObject({ hint: expect.stringContaining('amazon') });
});

test('where a product may not be enlarged, the frame becomes smaller, but not too small', async () => {
  const google = await findMarketplace('google');
  expect(marketplaceFrame(google, { width: 3000, height: 900 })).toEqual({ width: 1500, height: 1500 });
  expect(marketplaceFrame(google, { width: 850, height: 400 })).toEqual({ width: 1000, height: 1000 });
  expect(marketplaceFrame(google, { width: 80, height: 40 })).toEqual({ width: 500, height: 500 });
});
