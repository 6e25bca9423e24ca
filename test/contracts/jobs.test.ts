import { JOBS, type Job, fieldsOf, linksOf, readJobRequest } from '../../lib/contracts';

const rows = Object.entries<Job>(JOBS);

test('every job has routes of its own', () => {
  const routes = rows.flatMap(([, { route, background }]) => [
    route,
    ...(background ? [background.route] : []),
  ]);
  expect(new Set(routes).size).toBe(routes.length);
});

describe.each(rows)('%s', (_, job) => {
  const { input, artifacts, picture } = job;

  test('each parameter says what it takes', () => {
    for (const [name, { description }] of Object.entries(fieldsOf(job).shape))
      expect([name, description]).toEqual([name, expect.stringMatching(/\w{2,}/)]);
  });

  test('no two fields of its form have one name', () => {
    const files =
      'files' in input
        ? Object.entries(input.files).map(([name, { address, path }]) => [name, address, path])
        : [];
    const places = files.flat().filter((name) => name !== undefined);
    const names = [...places, ...Object.keys(fieldsOf(job).shape), 'secrets'];
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

test('a job with a background route takes a callback and its secret, apart from its parameters', () => {
  const asked = { callbackUrl: ' https://x/hook ', mediaId: 7, projectId: '', preset: 'wood' };
  const read = readJobRequest('replace', { ...asked, secrets: { webhook_secret: 's' } });
  expect(read.callback).toEqual({ callbackUrl: 'https://x/hook', mediaId: 7, projectId: undefined });
  expect(read.params).toMatchObject({ preset: ['wood'] });
  expect(Object.keys(read.params)).not.toEqual(expect.arrayContaining(['callbackUrl']));
  expect(read.secrets.reveal()).toEqual({ webhook_secret: 's' });
  expect(() => readJobRequest('remove', asked)).toThrow('callbackUrl');
});

test('a blank address is none, and what is none is not repeated with its query', () => {
  expect(readJobRequest('replace', { callbackUrl: '' }).callback.callbackUrl).toBeUndefined();
  const read = () => readJobRequest('replace', { callbackUrl: 'ftp://x/hook?key=hidden' });
  expect(read).toThrow('Expected callbackUrl to be an http or https address');
  expect(read).not.toThrow('hidden');
});
