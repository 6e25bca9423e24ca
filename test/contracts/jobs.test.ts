import { JOBS, type Job, linksOf, readJobRequest } from '../../lib/contracts';

const rows = Object.entries<Job>(JOBS);

test('every job has a route of its own', () => {
  const routes = rows.map(([, { route }]) => route);
  expect(new Set(routes).size).toBe(routes.length);
});

describe.each(rows)('%s', (_, { input, params, artifacts, picture }) => {
  test('each parameter says what it takes', () => {
    for (const [name, { description }] of Object.entries(params.shape))
      expect([name, description]).toEqual([name, expect.stringMatching(/\w{2,}/)]);
  });

  test('no two fields of its form have one name', () => {
    const files =
      'files' in input ? Object.entries(input.files).map(([name, { address }]) => [name, address]) : [];
    const names = [...files.flat(), ...Object.keys(params.shape), 'secrets'];
    expect(new Set(names).size).toBe(names.length);
  });

  test('its files have safe names, and its picture is one of them', () => {
    for (const { prefix, suffix = 'x' } of Object.values(artifacts))
      expect([prefix, suffix]).toEqual([
        expect.stringMatching(/^[a-z0-9]+$/),
        expect.stringMatching(/^[a-z0-9_]+$/),
      ]);
    if (picture) expect(Object.keys(artifacts)).toContain(picture);
  });
});

test('the links of a result, wherever they stand in it; what was not made has none', () => {
  const designs = { front_rmbg: 'a', back_rmbg: null, id: 7 } as never;
  expect(linksOf('front-and-back', designs)).toEqual({ front_rmbg: 'a' });
  expect(linksOf('remove', { artifacts: { output: 'a' } } as never)).toEqual({ output: 'a' });
});

test('a job that has no use for secrets takes none, and quotes none', () => {
  const read = () => readJobRequest('remove', { secrets: { gemini_api_key: 'AIza' } });
  expect(read).toThrow('Expected secrets to be left out');
  expect(read).not.toThrow('AIza');
});
