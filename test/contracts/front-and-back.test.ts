import { fileSafeId, frontAndBackFile, parse, readJobRequest } from '../../lib/contracts';

const read = (value: unknown) => readJobRequest('front-and-back', value);

const output = { front: 'https://example.com/front.png', back: 'https://example.com/back.png' };

test('the seed’s body, and the defaults', () => {
  const { params, secrets } = read({ id: 123, output });
  expect(params).toEqual({
    id: 123,
    output,
    rmbg_model: 'rmbg-2.0',
    birefnet_model: 'birefnet',
    device: 'auto',
    strict_device: false,
  });
  expect(secrets.reveal()).toEqual({});
});

test.each([undefined, null, ''])('a back that is %j is none', (back) => {
  const { params } = read({ id: 'a', output: { front: output.front, back }, prompt: '' });
  expect([params.output.back, params.prompt]).toEqual([undefined, undefined]);
});

test.each<[unknown, RegExp]>([
  [null, /Expected the request to be a JSON object but received null/],
  [[], /Expected the request to be a JSON object but received \[\]/],
  ['id=1', /Expected the request to be a JSON object/],
  [{ output }, /Expected id to be a whole number .+ but received nothing/],
  [{ id: '', output }, /Expected id .+ but received ""/],
  [{ id: '  ', output }, /Expected id /],
  [{ id: 2 ** 53, output }, /Expected id to be a whole number up to 2\^53/],
  [{ id: 1.5, output }, /Expected id /],
  [{ id: { $gt: '' }, output }, /Expected id /],
  [{ id: 'x'.repeat(201), output }, /Expected id /],
  [{ id: 1 }, /Expected output to be an object with the address of front/],
  [{ id: 1, output: 'https://example.com' }, /Expected output to be an object/],
  [{ id: 1, output: {} }, /Expected output.front to be an http or https address .+ but received nothing/],
  [{ id: 1, output: { front: '/etc/passwd' } }, /Expected output.front .+ but received "\/etc\/passwd"/],
  [{ id: 1, output: { front: 'file:///etc/passwd' } }, /Expected output.front /],
  [{ id: 1, output: { ...output, back: 'back.png' } }, /Expected output.back .+ but received "back.png"/],
  [{ id: 1, output: { ...output, side: 'x' } }, /Expected every field of output to be one of back, front/],
  [{ id: 1, output, promt: 'x' }, /Expected every parameter to be one of .+ but received "promt"/],
  [{ id: 1, output, rmbg_model: '../x' }, /Expected rmbg_model /],
  [{ id: 1, output, gemini_model: 'a/../b' }, /Expected gemini_model /],
  [{ id: 1, output, prompt: 'x'.repeat(4001) }, /Expected prompt /],
  [{ id: 1, output, device: 'tpu' }, /Expected device /],
])('%j is refused by name', (body, message) => {
  expect(() => read(body)).toThrow(message);
});

test('a secret is taken out', () => {
  const { params, secrets } = read({ id: 1, output, secrets: { gemini_api_key: ' k ' } });
  expect(secrets.reveal()).toEqual({ gemini_api_key: 'k' });
  expect(JSON.stringify(params)).not.toContain('secrets');
});

test('a job file of the terminal may name files', () => {
  expect(parse(frontAndBackFile, { id: 1, output: { front: 'photos/front.jpg' } }).output.front).toBe(
    'photos/front.jpg',
  );
});

test.each([
  [123, '123'],
  [-7, '7'],
  ['SKU 12/34', 'SKU-12-34'],
  ['../../etc/passwd', 'etc-passwd'],
  ['..\\..\\x', 'x'],
  ['a\u0000b\nc', 'a-b-c'],
  ['Größe é', 'Grosse-e'],
  ['杯子', 'unnamed'],
  ['...', 'unnamed'],
  ['a__b', 'a-b'],
  ['x'.repeat(200), 'x'.repeat(40)],
  [`${'x'.repeat(39)}/y`, 'x'.repeat(39)],
])('the id %j is %j in a file name', (id, name) => {
  expect(fileSafeId(id)).toBe(name);
});
