import { isSameGtin, readGtin } from '../../lib/contracts';

test.each([
  ['036000291452', '036000291452'],
  ['0 36000 29145 2', '036000291452'],
  ['4006381333931', '4006381333931'],
  ['96385074', '96385074'],
  ['00012345600012', '00012345600012'],
  ['4006381333932', undefined],
  ['0360002914521', undefined],
  ['12345', undefined],
  ['40063813339a1', undefined],
  ['', undefined],
])('%s is %s', (text, digits) => expect(readGtin(text)).toBe(digits));

test('one number in two of its kinds is the same', () => {
  expect(isSameGtin('036000291452', '0036000291452')).toBe(true);
  expect(isSameGtin('036000291452', '4006381333931')).toBe(false);
});
