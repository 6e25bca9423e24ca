import { isSecretName, redact, redactedJson } from '../../lib/contracts';

test.each([
  ['https://h/a.png?sig=SECRET', 'https://h/a.png?…'],
  ['htp:/h/a.png?sig=SECRET and SECRET', 'htp:/h/a.png?…'],
  ['h/a.png?a&sig=SECRET\nSECRET', 'h/a.png?a&…'],
  ['https://user:SECRET@h/a', 'https://…@h/a'],
  ['x#access_token=SECRET', 'x#…'],
  ['no address? none', 'no address? none'],
  ['{"secrets":{"gemini_api_key":"SECRET"}}', '{"secrets":{"gemini_api_key":"***"}}'],
  ['{\\"gemini_api_key\\":\\"SECRET\\"}', '{\\"gemini_api_key\\":\\"***\\"}'],
  ['x-goog-api-key: SECRET', 'x-goog-api-key: ***'],
  ['Authorization: Bearer SECRET', 'Authorization: Bearer ***'],
  ['the key AIzaSECRET-0123456789_abc is bad', 'the key *** is bad'],
  ['a monkey', 'a monkey'],
])('%j is shown as %j', (text, shown) => expect(redact(text)).toBe(shown));

test.each(['?', '//', '&a', '//a'])('a text full of %j is looked through in linear time', (part) => {
  const text = part.repeat(500_000);
  expect(redact(text)).toBe(text);
});

test.each([
  'gemini_api_key',
  'apiKey',
  'secrets',
  'VITRINE_TOKEN',
  'APP_WEBHOOK_SECRET',
  'SUPABASE_KEY',
  'key',
])('%s is the name of a secret', (name) => expect(isSecretName(name)).toBe(true));

test.each(['mode', 'output.front', 'keep_metadata', 'PWD', 'PATH', 'CUDA_VISIBLE_DEVICES', 'monkey'])(
  '%s is not',
  (name) => expect(isSecretName(name)).toBe(false),
);

test('JSON without its secrets, however deep', () => {
  const value = { a: [{ token: ['SECRET'] }, 'https://h/?sig=SECRET', 1], b: null };
  expect(redactedJson(value)).toBe('{"a":[{"token":"***"},"https://h/?…",1],"b":null}');
});
