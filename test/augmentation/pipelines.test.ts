import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPipeline, loadPipelines } from '../../lib/augmentation';
import { tempFolder } from '../support/temp';

const folder = tempFolder();

function own(text: string): string {
  const models = mkdtempSync(join(folder, 'own-'));
  writeFileSync(join(models, 'augmentations.local.yaml'), text);
  return models;
}
const steps = (...lines: string[]) =>
  `pipelines:\n  house:\n    steps:\n${lines.map((line) => `      - ${line}\n`).join('')}`;

test('light, heavy and real are there; no flip mirrors a label, no hue turns far', async () => {
  const pipelines = await loadPipelines(folder);
  expect([...pipelines.keys()]).toEqual(['light', 'heavy', 'real']);
  for (const pipeline of pipelines.values()) {
    expect(pipeline).toMatchObject({
      description: expect.any(String),
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const text = JSON.stringify(pipeline.steps);
    expect(text).not.toMatch(/"flip"|"gray"/);
    for (const [, low, high] of text.matchAll(/"hsv-shift".*?"hue":\[([-\d.]+),([-\d.]+)\]/g)) {
      expect(Math.max(-Number(low), Number(high))).toBeLessThanOrEqual(8);
    }
  }
  expect(new Set([...pipelines.values()].map(({ digest }) => digest)).size).toBe(3);
});

test('users add their own, and change ours', async () => {
  const pipelines = await loadPipelines(
    own(
      'pipelines:\n  house:\n    fill: "#ffffff"\n    steps:\n      - transform: gray\n  light:\n    steps:\n      - transform: jpeg\n        quality: 50\n',
    ),
  );
  expect(findPipeline(pipelines, 'house')).toMatchObject({
    fill: '#ffffff',
    steps: [{ transform: 'gray', probability: 1 }],
  });
  expect(findPipeline(pipelines, 'light').steps).toEqual([
    { transform: 'jpeg', probability: 1, asked: { quality: [50, 50] } },
  ]);
  expect([...pipelines.keys()]).toEqual(['light', 'heavy', 'real', 'house']);
});

test('the digest changes with what is done, not with the words about it', async () => {
  const digest = async (text: string) => (await loadPipelines(own(text))).get('house')!.digest;
  const plain = await digest(steps('transform: gray'));
  expect(await digest(`${steps('transform: gray')}    description: All grey\n`)).toBe(plain);
  expect(await digest(steps('transform: gray', 'transform: jpeg'))).not.toBe(plain);
  expect(await digest(`${steps('transform: gray')}    fill: mirror\n`)).not.toBe(plain);
});

test('an unknown pipeline names the nearest', async () => {
  const pipelines = await loadPipelines(folder);
  expect(() => findPipeline(pipelines, 'heavi')).toThrow(
    /Expected pipeline to be one of light, heavy, real but received "heavi"/,
  );
});

test.each([
  ['transform: afine', /house\.steps\.0\.transform: .*received "afine"; did you mean affine or /],
  [
    'rotate: 5',
    /house\.steps\.0\.transform: Expected transform \(or one_of, some_of\) to be one of affine, .* but received nothing/,
  ],
  ['{ transform: affine, rotat: 5 }', /house\.steps\.0: There is no parameter "rotat"; did you mean rotate/],
  ['{ transform: gray, much: 5 }', /There is no parameter "much"; there are none/],
  [
    '{ transform: affine, rotate: [9, 3] }',
    /steps\.0\.rotate: Expected a number from -180 to 180, or a list of two, the lower one first/,
  ],
  ['{ transform: affine, rotate: 999 }', /steps\.0\.rotate: Expected a number from -180 to 180/],
  ['{ transform: jpeg, quality: 70.5 }', /steps\.0\.quality: Expected a whole number from 1 to 100/],
  ['{ transform: motion-blur, size: 4 }', /steps\.0\.size: Expected a range with an odd number in it/],
  [
    '{ transform: optical-distortion, lens: wide }',
    /steps\.0\.lens: Expected camera, fisheye, or a list of some of them/,
  ],
  ['{ transform: gray, probability: 2 }', /steps\.0\.probability: /],
  ['{ one_of: [] }', /steps\.0\.one_of: /],
  [
    '{ one_of: [{ transform: gray }, { transform: grey }] }',
    /steps\.0\.one_of\.1\.transform: .*did you mean gray/,
  ],
  [
    '{ some_of: [{ transform: gray }], pick: 2 }',
    /steps\.0\.pick: Expected at most as many as there are steps in some_of/,
  ],
])('%s is refused, saying where and why', async (line, message) => {
  await expect(loadPipelines(own(steps(line)))).rejects.toMatchObject({
    code: 'INVALID_PARAMETER',
    message: expect.stringMatching(message),
  });
});

test('so are a fill that is none, and a file that is no list of pipelines', async () => {
  const wrong = own(`${steps('transform: gray')}    fill: blue\n`);
  await expect(loadPipelines(wrong)).rejects.toThrow(
    /augmentations\.local\.yaml cannot be used: .*house\.fill: Expected background, mirror or a colour/,
  );
  await expect(loadPipelines(own('- light\n'))).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
});
