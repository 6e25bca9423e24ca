import { augmentParams, datasetOf, parse } from '../../lib/contracts';

const read = (value: object) => parse(augmentParams, value);

test("the seed's five names and defaults", () => {
  expect(read({ dataset_id: 'b1', backgrounds_path: '/b' })).toMatchObject({
    ...{ dataset_id: 'b1', syn_target: 600, real_target: 400, backgrounds_path: '/b' },
    ...{
      seed: 0,
      format: 'jpeg',
      syn_pipeline: ['light', 'heavy'],
      real_pipeline: ['real'],
      bucket: 'datasets',
    },
  });
});

test('a data set is a folder or lies in Supabase: neither and both are told', () => {
  expect(datasetOf(read({ dataset_id: 'a', dataset_path: '' }))).toBe('supabase');
  expect(datasetOf(read({ dataset_path: '/a' }))).toBe('folder');
  expect(() => datasetOf(read({}))).toThrow('Expected dataset_id or dataset_path to be given');
  expect(() => datasetOf(read({ dataset_id: 'a', dataset_path: '/a' }))).toThrow(
    'Expected dataset_path to be left out with dataset_id but received "/a"',
  );
});

test.each([
  [{ split: '0.8,0.1,0.1' }, { split: [0.8, 0.1, 0.1] }],
  [{ split: [0.9, 0.1] }, { split: [0.9, 0.1] }],
  [{ split: '' }, { split: undefined }],
  [{ syn_pipeline: 'light, shelf' }, { syn_pipeline: ['light', 'shelf'] }],
  [{ prefix: 'a/b' }, { prefix: 'a/b' }],
  [
    { masks: 'true', labels: 'both', workers: '2' },
    { masks: true, labels: 'both', workers: 2 },
  ],
])('%j', (given, expected) => expect(read({ ...given })).toMatchObject(expected));

test.each([
  [{ split: '0.8,0.1' }, /split(\.1)? to be two or three shares/],
  [{ split: '0,1' }, /split(\.1)? to be two or three shares/],
  [{ split: '0.8,x' }, /split(\.1)? to be two or three shares/],
  [{ prefix: '../a' }, 'prefix to be folders'],
  [{ prefix: 'a//b' }, 'prefix to be folders'],
  [{ prefix: '/a' }, 'prefix to be folders'],
  [{ syn_target: -1 }, 'syn_target to be a whole number from 0'],
  [{ real_target: 1.5 }, 'real_target to be a whole number from 0'],
  [{ syn_pipeline: '' }, /syn_pipeline(\.0)? to be names of pipelines/],
  [{ labels: 'voc' }, 'labels to be one of none, coco, yolo, both'],
])('%j is refused', (given, words) => expect(() => read(given)).toThrow(words));
