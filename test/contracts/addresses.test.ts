import { isConfidential, isLoopback, isWebAddress, withoutQuery } from '../../lib/contracts';

test.each([
  'localhost',
  'LOCALHOST',
  '127.0.0.1',
  '127.255.255.254',
  '127.1',
  '0x7f.1',
  '0177.0.0.1',
  '2130706433',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  '[::ffff:7f00:1]',
])('%s is this machine', (host) => expect(isLoopback(host)).toBe(true));

test.each([
  '127.evil.com',
  '127.0.0.1.evil.com',
  'localhost.evil.com',
  'evil.com',
  // A name server may be asked for these.
  'localhost.',
  'x.localhost',
  '127.0.0.1.',
  // More than a host.
  '127.0.0.1:8089',
  'user@127.0.0.1',
  '127.0.0.1/x',
  '127.0.0.1#x',
  'evil.com@127.0.0.1',
  ' 127.0.0.1',
  '127.0.0.1\n',
  '128.0.0.1',
  '127',
  '0.0.0.0',
  '::',
  '[::]',
  '::2',
  '::ffff:10.0.0.1',
  '::1%eth0',
  '[::1',
  '[]',
  '',
])('%j is not, or nobody knows', (host) => expect(isLoopback(host)).toBe(false));

test.each([
  ['https://gpu-box:8089', true],
  ['HTTPS://10.0.0.7', true],
  ['http://localhost:8089/x', true],
  ['http://0x7f.1', true],
  ['http://[::1]:1', true],
  ['http://[::ffff:127.0.0.1]', true],
  ['http://gpu-box:8089', false],
  ['http://127.evil.com', false],
  ['http://localhost.', false],
  ['http://127.0.0.1@evil.com', false],
  ['http://127.0.0.1:80@evil.com', false],
  ['http://evil.com#@127.0.0.1', false],
  ['http://evil.com\\@127.0.0.1', false],
  ['ws://127.0.0.1', false],
  ['gpu-box:8089', false],
  ['', false],
])('a key may go to %j: %j', (url, may) => expect(isConfidential(url)).toBe(may));

test.each([
  ['https://example.com/a.png?x=1', true],
  ['HTTP://EXAMPLE.COM', true],
  ['http://user:pass@host:1/x', true],
  ['https:example.com', false],
  ['https://', false],
  ['http://a b/', false],
  ['ht\ntp://example.com', false],
  ['//example.com', false],
  ['file:///etc/passwd', false],
  ['ftp://example.com', false],
  ['javascript:alert(1)', false],
  ['photo.jpg', false],
  ['C:\\photo.jpg', false],
])('%j is a web address: %j', (text, is) => expect(isWebAddress(text)).toBe(is));

test('an address without its query shows no secret', () => {
  expect(withoutQuery('https://user:pass@files.example:444/a/b.png?X-Amz-Signature=abc#abc')).toBe(
    'https://files.example:444/a/b.png',
  );
});
