import {
  BG_ENGINES,
  JOBS,
  MAX_PRESETS,
  artifactOf,
  numbered,
  parse,
  replaceParams,
} from '../../lib/contracts';

test('defaults are those of the seed service', () => {
  expect(parse(replaceParams, {})).toMatchObject({
    negative_prompt: 'people, text, watermark',
    steps: 20,
    guidance_scale: 7.5,
    enhance_fg: true,
    match_colors: true,
    feather_edges: true,
    engine: 'auto',
    exact: false,
  });
  const { seed, prompt, preset } = parse(replaceParams, {});
  expect([seed, prompt, preset]).toEqual([undefined, undefined, undefined]);
});

test.each([
  ['marble', ['marble']],
  ['marble, wood ,', ['marble', 'wood']],
  ['Product Studio, shadow_only', ['product-studio', 'shadow-only']],
  [
    ['marble', 'wood'],
    ['marble', 'wood'],
  ],
  ['', undefined],
  [' , ', undefined],
])('preset %j is %j', (preset, expected) =>
  expect(parse(replaceParams, { preset }).preset).toEqual(expected),
);

test('a name that cannot be one is shown with all that was asked for', () =>
  expect(() => parse(replaceParams, { preset: 'wood, ../x' })).toThrow('received "wood, ../x"'));

test('more presets than a call may have are refused', () => {
  const preset = Array.from({ length: MAX_PRESETS + 1 }, (_, index) => `p${index}`).join();
  expect(() => parse(replaceParams, { preset })).toThrow('up to 20 with commas between them');
});

test.each([
  ['SDXL', 'sdxl'],
  ['stable-diffusion', 'sdxl'],
  ['Runway', 'runway'],
])('engine %s is %s', (engine, expected) =>
  expect(parse(replaceParams, { engine: engine as never }).engine).toBe(expected),
);

test('engines, and what is none', () => {
  for (const engine of BG_ENGINES) expect(parse(replaceParams, { engine }).engine).toBe(engine);
  expect(() => parse(replaceParams, { engine: 'dalle' as never })).toThrow(
    'Expected engine to be one of auto, studio',
  );
});

test.each([
  ['{"colors":["#fff"],"light":{"azimuth":"20"}}', { colors: ['#fff'], light: { azimuth: 20 } }],
  [{ prompt: 'x' }, { prompt: 'x' }],
  ['', undefined],
])('overrides %j', (overrides, expected) =>
  expect(parse(replaceParams, { overrides: overrides as never }).overrides).toEqual(expected),
);

test.each(['{', '[]', '{"colours":[]}', '{"colors":["red"]}', '{"horizon":2}'])(
  'overrides %s are refused',
  (overrides) => expect(() => parse(replaceParams, { overrides: overrides as never })).toThrow(/overrides/),
);

test('what is wrong in the overrides is named by field', () => {
  const read = (overrides: object) => () => parse(replaceParams, { overrides });
  expect(read({ light: { azimuth: 900 } })).toThrow(
    'Expected overrides.light.azimuth to be degrees from -180 to 180',
  );
  expect(read({ colours: [] })).toThrow('Expected every field of overrides to be one of backdrop, colors');
});

test('every picture of a call has its artifact', () => {
  expect([0, 1, 19].map((index) => numbered('output', index))).toEqual(['output', 'output_2', 'output_20']);
  for (let index = 0; index < MAX_PRESETS; index++) {
    expect(artifactOf(JOBS.replace, numbered('output', index))).toMatchObject({ prefix: 'replace' });
    expect(artifactOf(JOBS.replace, numbered('compare', index))).toMatchObject({ prefix: 'compare' });
  }
});
