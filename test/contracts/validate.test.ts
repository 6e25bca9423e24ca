import { type VitrineError, invalid, parse, removeParams } from '../../lib/contracts';

function message(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as VitrineError).message;
  }
  throw new Error('Nothing was thrown');
}

test('a value nested too deeply to be quoted is refused all the same', () => {
  const deep: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
  expect(message(() => parse(removeParams, { mode: deep }))).toContain('nested too deeply');
});

test.each<[string, unknown]>([
  ['mode', { secrets: { gemini_api_key: 'SECRET' } }],
  ['mode', [{ deep: [{ apiKey: 'SECRET' }] }]],
  ['mode', '{"secrets":{"gemini_api_key":"SECRET"}}'],
  ['mode', JSON.stringify(JSON.stringify({ token: 'SECRET' }))],
  ['model', 'https://files.example/a.png?X-Amz-Signature=SECRET'],
  ['model', 'htp//files.example/a.png?a=1&sig=SECRET SECRET'],
  ['model', 'https://user:SECRET@files.example/a.png'],
  ['model', 'AIzaSECRET0123456789012345678901234'],
])('%s: what is quoted of %j holds no secret', (name, value) => {
  const said = message(() => parse(removeParams, { [name]: value }));
  expect(said).toMatch(new RegExp(`^Expected ${name} to be .+ but received .+`));
  expect(said).not.toContain('SECRET');
});

test('a setting that is a secret is not quoted', () => {
  expect(invalid('VITRINE_TOKEN', 'longer', 'SECRET').message).toBe(
    'Expected VITRINE_TOKEN to be longer but received something else, which is not shown',
  );
});

describe('cutout parameters', () => {
  test('defaults are those of the seed service', () => {
    expect(parse(removeParams, {})).toMatchObject({
      mode: 'transparent',
      enhance_fg: true,
      denoise: false,
      model: 'auto',
    });
  });

  test.each([
    ['true', true],
    ['1', true],
    ['on', true],
    ['False', false],
    ['0', false],
    ['', false],
  ])('the form field %j is %s', (text, value) => {
    expect(parse(removeParams, { enhance_fg: text }).enhance_fg).toBe(value);
  });

  test.each([
    [undefined, 'blur-fusion'],
    [true, 'blur-fusion'],
    ['on', 'blur-fusion'],
    ['multi-level', 'multi-level'],
    [false, 'off'],
    ['false', 'off'],
    ['off', 'off'],
  ])('decontaminate, once a flag: %j is %s', (value, method) => {
    expect(parse(removeParams, { decontaminate: value }).decontaminate).toBe(method);
  });

  test('decontaminate names its methods when it gets another', () => {
    expect(() => parse(removeParams, { decontaminate: 'despill' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_PARAMETER',
        message: expect.stringContaining('blur-fusion, multi-level, off'),
      }),
    );
  });

  test('form fields arrive as text', () => {
    const fields = { size: '512', padding: '7.5', quality: '80', feather: '2' };
    expect(parse(removeParams, fields)).toMatchObject({ size: 512, padding: 7.5, quality: 80, feather: 2 });
  });

  test('a blank optional field means not set', () => {
    expect(parse(removeParams, { size: '', format: '', quality: '' })).toMatchObject({
      size: undefined,
      format: undefined,
      quality: undefined,
    });
  });

  test.each([
    [{ mode: 'blur' }, 'Expected mode to be one of transparent, soften, mask, color but received "blur"'],
    [{ quality: '0' }, 'Expected quality to be a whole number from 1 to 100 but received "0"'],
    [{ quality: '90.5' }, 'Expected quality to be a whole number from 1 to 100 but received "90.5"'],
    [{ size: 'big' }, /Expected size to be a whole number from 16 to 8192 \(.+\) but received "big"/],
    [{ enhance_fg: 'maybe' }, /Expected enhance_fg to be true or false \(.+\) but received "maybe"/],
    [{ bgcolor: 'red' }, 'Expected bgcolor to be a colour such as #fff or #f4f1ec but received "red"'],
    [{ model: '../etc/passwd' }, /Expected model to be a model id .+ received "\.\.\/etc\/passwd"/],
    [{ colour: '#fff' }, /Expected every parameter to be one of alpha_matting, .+ but received "colour"/],
  ])('%j says what was expected and received', (fields, expected) => {
    expect(message(() => parse(removeParams, fields))).toMatch(expected);
  });

  test('long values are cut in messages', () => {
    expect(message(() => parse(removeParams, { mode: 'x'.repeat(1000) })).length).toBeLessThan(200);
  });
});
