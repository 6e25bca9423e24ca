import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '../../lib/image';
import { limits, pixel, temporaryFolder } from './pictures';

const tempDir = temporaryFolder();
const decode = (text: string) => {
  const file = join(tempDir, 'drawing.svg');
  writeFileSync(file, text);
  return decodeImage(file, { limits });
};
const svg = (inside: string, attributes = 'width="40" height="30"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`;

test('a plain drawing is drawn, prologue and comments or not', async () => {
  const { rgb, alpha, format } = await decode(
    `<?xml version="1.0"?>\n<!-- ours -->\n${svg('<rect width="20" height="30" fill="#c00"/>')}`,
  );
  expect([format, rgb.width, rgb.height]).toEqual(['svg', 40, 30]);
  expect(pixel(rgb, 5, 5)).toEqual([204, 0, 0]);
  expect([alpha?.data[5], alpha?.data[35]]).toEqual([255, 0]);
});

test('references inside the drawing work', async () => {
  const { rgb } = await decode(
    svg('<defs><rect id="r" width="40" height="30" fill="#0a0"/></defs><use xlink:href="#r"/>'),
  );
  expect(pixel(rgb, 20, 15)).toEqual([0, 170, 0]);
});

const laughs = Array.from(
  { length: 9 },
  (_, at) => `<g id="g${at + 1}">${`<use href="#g${at}"/>`.repeat(10)}</g>`,
).join('');

test.each([
  ['entities', `<!DOCTYPE svg [<!ENTITY a "b">]>${svg('<text>&a;</text>')}`, 'INVALID_IMAGE'],
  [
    'an external entity',
    `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>${svg('<text>&a;</text>')}`,
    'INVALID_IMAGE',
  ],
  [
    'a linked picture',
    svg('<image href="https://example.com/a.png" width="9" height="9"/>'),
    'INVALID_IMAGE',
  ],
  [
    'an embedded picture',
    svg('<image href="data:image/png;base64,AAAA" width="9" height="9"/>'),
    'INVALID_IMAGE',
  ],
  ['a reference to another file', svg('<use xlink:href="other.svg#a"/>'), 'INVALID_IMAGE'],
  ['a style that loads something', svg('<rect style="fill:url(http://example.com/x#a)"/>'), 'INVALID_IMAGE'],
  ['an imported style sheet', svg('<style>@import "a.css";</style>'), 'INVALID_IMAGE'],
  ['a filter', svg('<filter id="f"><feGaussianBlur stdDeviation="999"/></filter>'), 'INVALID_IMAGE'],
  ['a reference to itself', svg('<g id="a"><use href="#a"/></g>'), 'INVALID_IMAGE'],
  ['references that grow exponentially', svg(`<rect id="g0" width="1" height="1"/>${laughs}`), 'TOO_LARGE'],
  [
    'patterns that grow exponentially',
    svg(laughs.replaceAll('<use href="#g', '<rect fill="url(#g').replaceAll('"/>', ')"/>')),
    'TOO_LARGE',
  ],
  ['deep nesting', svg(`${'<g>'.repeat(500)}${'</g>'.repeat(500)}`), 'TOO_LARGE'],
  ['too many elements', svg('<g/>'.repeat(60_000)), 'TOO_LARGE'],
  ['a gigantic size', svg('', 'width="200000" height="200000"'), 'TOO_LARGE'],
  ['a gigantic size in other units', svg('', 'width="9000mm" height="9000mm"'), 'TOO_LARGE'],
  ['many bytes', svg(`<desc>${'x'.repeat(5_000_000)}</desc>`), 'TOO_LARGE'],
  ['broken markup', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g>', 'INVALID_IMAGE'],
])('%s: refused', async (_, text, code) => {
  await expect(decode(text)).rejects.toMatchObject({
    name: 'VitrineError',
    code,
    hint: expect.stringMatching(/./),
  });
});
