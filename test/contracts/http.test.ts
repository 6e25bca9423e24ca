import { networkReason, retryAfterSeconds } from '../../lib/contracts';

test.each([
  ['30', 30],
  [' 1.5 ', 1.5],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', 0],
  ['', undefined],
  [undefined, undefined],
  [['1'], undefined],
])('Retry-After: %j asks for %j seconds', (header, seconds) => {
  expect(retryAfterSeconds(header)).toBe(seconds);
});

test('Retry-After as a date', () => {
  const header = new Date(Date.now() + 90_000).toUTCString();
  expect(retryAfterSeconds(header)).toBeGreaterThan(85);
  expect(retryAfterSeconds(header)).toBeLessThanOrEqual(90);
});

test.each([
  ['ECONNREFUSED', 'it refuses connections (ECONNREFUSED)'],
  ['constructor', 'constructor'],
  ['', ''],
])('%j: %j', (code, words) => expect(networkReason(code)).toBe(words));
