import { splitUrls, stemOf, stemOfUrl } from '../../nodes/common';

it.each([
  ['mug.jpg', 'mug'],
  ['photos/2024/mug.final.JPG', 'mug.final'],
  ['C:\\photos\\mug.png', 'mug'],
  ['mug', 'mug'],
  ['.jpg', 'image'],
  ['', 'image'],
  ['a\r\nb\u0000c\u001b[2J\u202egpj.exe', 'abc[2Jgpj'],
  ['\u0000\n.png', 'image'],
  ['می‌خواهم.png', 'می‌خواهم'],
  [`${'x'.repeat(5000)}.png`, 'x'.repeat(100)],
])('the stem of %j is %j', (name, stem) => expect(stemOf(name)).toBe(stem));

it.each([
  ['https://example.com/photos/red%20mug.jpg?size=2', 'red mug'],
  ['https://example.com/', 'image'],
  ['https://example.com/a%E0%A4%A.png', 'a%E0%A4%A'],
  ['no address', 'image'],
  ['https://example.com/a%0d%0ab%00c.png', 'abc'],
  ['https://example.com/%2e%2e%2fpasswd', 'passwd'],
])('the stem of %j is %j', (url, stem) => expect(stemOfUrl(url)).toBe(stem));

it('splits the addresses of a credential at commas, spaces and line ends', () => {
  expect(splitUrls(' http://a:1/, http://b:2\nhttp://c:3// ')).toEqual([
    'http://a:1',
    'http://b:2',
    'http://c:3',
  ]);
  expect(splitUrls(undefined)).toEqual([]);
});
