import {
  type BgEngine,
  type Generator,
  type ReplaceParamsInput,
  parse,
  replaceParams,
} from '../../lib/contracts';
import { loadPresets } from '../../lib/backdrops';
import { refuseGenerated } from '../../lib/pipelines/plan-scenes';
import { scenesOf } from '../../lib/pipelines/scenes';

const frame = { width: 100, height: 100 };

async function engines(
  params: ReplaceParamsInput,
  bgEngine: BgEngine = 'auto',
  picture = false,
  generators: Generator[] = [],
) {
  const config = { bgEngine, allow4k: false };
  const asked = { params: parse(replaceParams, params), picture, config, generators };
  const scenes = await scenesOf(await loadPresets('/nowhere'), asked);
  refuseGenerated(scenes, frame, config);
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

test.each<[ReplaceParamsInput, BgEngine, Generator[], [string, string | null][]]>([
  [{ prompt: 'x' }, 'auto', ['runway', 'gemini'], [['runway', null]]],
  [{ prompt: 'x' }, 'gemini', ['runway', 'gemini'], [['gemini', null]]],
  [{ prompt: 'x', preset: 'wood' }, 'auto', ['gemini'], [['gemini', 'wood']]],
  [{ prompt: 'x', bgcolor: '#fff' }, 'auto', ['gemini'], [['gemini', null]]],
  [{ prompt: 'x' }, 'studio', ['gemini'], [['studio', 'product-studio']]],
  // The seed's command: an engine, and nothing else said.
  [{ engine: 'runway' }, 'auto', ['runway'], [['runway', 'product-studio']]],
  [{ engine: 'GEMINI' as 'gemini', preset: 'wood' }, 'auto', ['gemini'], [['gemini', 'wood']]],
  [{}, 'runway', ['runway'], [['runway', 'product-studio']]],
  [{ preset: 'wood' }, 'runway', ['runway'], [['studio', 'wood']]],
  [
    { preset: 'kitchen,wood' },
    'auto',
    ['gemini'],
    [
      ['gemini', 'kitchen'],
      ['studio', 'wood'],
    ],
  ],
  // Without the generator that BG_ENGINE names no other one is paid in its place.
  [{ preset: 'kitchen' }, 'sdxl', ['gemini'], [['gradient', 'kitchen']]],
  [{ preset: 'kitchen' }, 'auto', [], [['gradient', 'kitchen']]],
])('%j with BG_ENGINE %s and the generators %j', async (params, bgEngine, generators, expected) =>
  expect(await engines(params, bgEngine, false, generators)).toEqual(expected),
);

test('a picture of the user’s own wins over a prompt', async () => {
  expect(await engines({ prompt: 'x' }, 'auto', true, ['gemini'])).toEqual([['image', null]]);
});

test.each<[ReplaceParamsInput, BgEngine, Generator[]]>([
  [{ engine: 'sdxl', prompt: 'x' }, 'auto', ['gemini']],
  [{ prompt: 'x' }, 'runway', ['gemini']],
])('%j with BG_ENGINE %s is not given to another generator: %j', (params, bgEngine, generators) =>
  expect(engines(params, bgEngine, false, generators)).rejects.toMatchObject({ code: 'NO_GENERATOR' }),
);
