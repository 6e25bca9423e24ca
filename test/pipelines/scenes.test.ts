import { type BgEngine, type ReplaceParamsInput, parse, replaceParams } from '../../lib/contracts';
import { loadPresets } from '../../lib/backdrops';
import { refuseGenerated, scenesOf } from '../../lib/pipelines/scenes';

const frame = { width: 100, height: 100 };

async function engines(params: ReplaceParamsInput, bgEngine: BgEngine = 'auto', picture = false) {
  const asked = { params: parse(replaceParams, params), picture, config: { bgEngine, allow4k: false } };
  const scenes = await scenesOf(await loadPresets('/nowhere'), asked);
  refuseGenerated(asked, frame);
  return scenes.map(({ engine, preset }) => [engine, preset]);
}

test.each<[ReplaceParamsInput, BgEngine, boolean, [string, string | null][]]>([
  [{}, 'auto', false, [['studio', 'product-studio']]],
  [{ bgcolor: '#fff' }, 'auto', false, [['color', null]]],
  [{}, 'auto', true, [['image', null]]],
  [{ preset: 'kitchen' }, 'auto', true, [['image', 'kitchen']]],
  [{ engine: 'gradient' }, 'auto', false, [['gradient', null]]],
  [{ engine: 'gradient', preset: 'marble' }, 'auto', false, [['gradient', 'marble']]],
  [
    { preset: 'marketplace-white,wood' },
    'auto',
    false,
    [
      ['color', 'marketplace-white'],
      ['studio', 'wood'],
    ],
  ],
  [{ marketplace: 'ebay' }, 'auto', false, [['color', 'marketplace-white']]],
  // BG_ENGINE is for jobs that say nothing of it: a preset stays what it is.
  [{}, 'gradient', false, [['gradient', null]]],
  [{ preset: 'marketplace-white' }, 'studio', false, [['color', 'marketplace-white']]],
  [{ preset: 'wood' }, 'sdxl', false, [['studio', 'wood']]],
  [{ prompt: 'x' }, 'studio', false, [['studio', 'product-studio']]],
])('%j with BG_ENGINE %s, a picture: %s', async (params, bgEngine, picture, expected) =>
  expect(await engines(params, bgEngine, picture)).toEqual(expected),
);

test.each<[ReplaceParamsInput, BgEngine]>([
  [{}, 'sdxl'],
  [{ prompt: 'x' }, 'runway'],
  [{ prompt: 'x', preset: 'wood' }, 'auto'],
  [{ engine: 'gemini', preset: 'wood' }, 'studio'],
])('%j with BG_ENGINE %s needs a generator', (params, bgEngine) =>
  expect(engines(params, bgEngine)).rejects.toMatchObject({ code: 'NO_GENERATOR' }),
);
