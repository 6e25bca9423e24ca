import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { FILE_PART, FORM_TYPE, part } from '../../support/raw';

/** One thing that nobody means well with; resolves when the engine has dealt with it, to what became of it. */
export interface HostileKind {
  name: string;
  send(engine: string): Promise<string>;
}

/** Milliseconds after which a caller with a hostile picture gives up. */
const PATIENCE_MS = 60_000;
const LONG = 300_000;

/** Every hostile kind there is, pictures made once. */
export async function hostileKinds(): Promise<HostileKind[]> {
  return [...(await pictures()), ...forms(), ...lines()];
}

/** Small to send, and dear to read for whoever reads them as they ask to be read. */
async function pictures(): Promise<HostileKind[]> {
  const drawings: Record<string, string> = {
    'SVG: masks in masks': svg(8000, masks(199, 8000)),
    'SVG: groups in groups': svg(
      8000,
      `${'<g opacity="0.9">'.repeat(190)}${rect(8000)}${'</g>'.repeat(190)}`,
    ),
    'SVG: dashes without end': svg(
      8000,
      '<path d="M0 0 L8000 8000" stroke="red" stroke-width="3" stroke-dasharray="0.00001"/>',
    ),
    'SVG: a pattern of dust': svg(8000, dust(8000)),
    'SVG: many large rectangles': svg(2000, rect(2000, 'opacity="0.5"').repeat(3000)),
    'SVG: circles by reference': svg(4000, circles(100)),
    'SVG: comments without end': `<svg ${'<!--'.repeat(900_000)}`,
    'SVG: document types without end': `<svg ${'<!DOCTYPE'.repeat(400_000)}`,
  };
  const files: [string, Buffer][] = [
    ['PNG: a text that sends a search back and forth', await textPng(2_000_000)],
    ['PNG: broken in the middle', (await textPng(10)).subarray(0, 100)],
    ['JPEG: restart markers', jpegOfMarkers(45_000_000)],
    ['HEIC: many places of nothing', heif(2000, 0)],
    ['HEIC: one place, many times', heif(1, 25_000)],
    ...Object.entries(drawings).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
  ];
  return files.map(([name, bytes]) => ({ name, send: (engine) => sendPicture(engine, bytes) }));
}

async function sendPicture(engine: string, bytes: Buffer): Promise<string> {
  const form = new FormData();
  form.append('model', 'plain');
  form.append('file', new Blob([new Uint8Array(bytes)]), 'photo');
  return outcome(engine, { body: form });
}

function forms(): HostileKind[] {
  const crlf = 'Content-Disposition: form-data; name="file"; filename*=utf-8\'\'a%0d%0a.jpg';
  const long = 'z'.repeat(LONG);
  const bodies: [string, string, string][] = [
    ['a form with line ends in a file name', FORM_TYPE, `${part(crlf, long)}--x--`],
    ['a form with a part without a name', FORM_TYPE, `${part('Content-Type: image/png', long)}--x--`],
    ['a form without end', FORM_TYPE, part(FILE_PART, long)],
    ['a boundary that is too long', `multipart/form-data; boundary=${'x'.repeat(300)}`, 'x'],
  ];
  return bodies.map(([name, type, body]) => ({
    name,
    send: (engine) => outcome(engine, { headers: { 'content-type': type }, body }),
  }));
}

function lines(): HostileKind[] {
  const post = `POST /background/cleanup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${FORM_TYPE}\r\n`;
  const upload = `${post}Content-Length: 90000000\r\n\r\n${part(FILE_PART, 'z'.repeat(LONG))}`;
  return [
    { name: 'an upload that stands still', send: (engine) => hold(engine, upload) },
    { name: 'headers that stand still', send: (engine) => hold(engine, post) },
    { name: 'no HTTP', send: (engine) => hold(engine, '\x16\x03\x01\x02\x00\x01\x00') },
  ];
}

/** Status and code of an answer that is an error, or what else came of it. */
async function outcome(engine: string, request: RequestInit): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(`${engine}/background/cleanup`, { method: 'POST', signal, ...request });
    const { error } = (await response.json()) as { error?: { code: string } };
    return `${response.status} ${error?.code ?? 'done'}`;
  } catch (error) {
    return signal.aborted ? 'no answer' : (error as Error).message;
  }
}

/** Sends `text`, stands still for a while and goes. */
async function hold(engine: string, text: string): Promise<string> {
  const { hostname, port } = new URL(engine);
  const socket = connect(Number(port), hostname, () => socket.write(text)).on('error', () => undefined);
  await sleep(2_000);
  socket.destroy();
  return 'gone';
}

const rect = (size: number, more = '') => `<rect width="${size}" height="${size}" fill="red" ${more}/>`;

function svg(size: number, content: string): string {
  const names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  return `<svg ${names} width="${size}" height="${size}">${content}</svg>`;
}

function masks(count: number, size: number): string {
  const each = Array.from({ length: count }, (_, index) => {
    const inner = index ? `mask="url(#m${index - 1})"` : '';
    return `<mask id="m${index}"><g ${inner}>${rect(size)}</g></mask>`;
  });
  return each.join('') + rect(size, `mask="url(#m${count - 1})"`);
}

function dust(size: number): string {
  const dot = '<rect width="0.0005" height="0.0005" fill="red"/>';
  const pattern = `<pattern id="p" width="0.001" height="0.001" patternUnits="userSpaceOnUse">${dot}</pattern>`;
  return `${pattern}<rect width="${size}" height="${size}" fill="url(#p)"/>`;
}

function circles(times: number): string {
  const circle = '<circle cx="50%" cy="50%" r="50%" fill="red" opacity="0.4"/>';
  return `<defs><g id="a">${circle.repeat(400)}</g></defs>${'<use xlink:href="#a" opacity="0.5"/>'.repeat(times)}`;
}

/** A PNG with a packed text of `blanks` blanks, where metadata in the manner of ImageMagick is expected. */
async function textPng(blanks: number): Promise<Buffer> {
  const plain = await sharp({ create: { width: 90, height: 70, channels: 3, background: '#c82828' } })
    .png()
    .toBuffer();
  const text = deflateSync(Buffer.from(`\nexif\n 1${' '.repeat(blanks)}!`), { level: 9 });
  const content = Buffer.concat([Buffer.from('zTXtRaw profile type exif\0\0', 'latin1'), text]);
  const length = u32(content.length - 4);
  const afterHeader = 33;
  return Buffer.concat([
    plain.subarray(0, afterHeader),
    ...[length, content, u32(crc32(content))],
    plain.subarray(afterHeader),
  ]);
}

function jpegOfMarkers(count: number): Buffer {
  const bytes = Buffer.alloc(2 + 2 * count + 4);
  bytes.fill(Buffer.from('ffd0', 'hex'));
  bytes.write('ffd8', 'hex');
  bytes.write('ffda0000', bytes.length - 4, 'hex');
  return bytes;
}

/** A HEIC whose picture lies in `items` lists of 65535 pieces without a length, beside `padding` bytes. */
function heif(items: number, padding: number): Buffer {
  const places = Array.from({ length: items }, (_, index) =>
    Buffer.concat([u16(index + 1), u16(0), u16(65535)]),
  );
  const item = Buffer.concat([u16(1), u16(0), Buffer.from('hvc1\0', 'latin1')]);
  const size = fullBox('ispe', Buffer.concat([u32(64), u32(64)]));
  const owner = Buffer.concat([u32(1), u16(1), Buffer.from([1, 0x81])]);
  const properties = Buffer.concat([box('ipco', size), fullBox('ipma', owner)]);
  const meta = [
    fullBox('pitm', u16(1)),
    fullBox('iinf', Buffer.concat([u16(1), fullBox('infe', item, 2)])),
    fullBox('iloc', Buffer.concat([u16(0), u16(items), ...places])),
    box('iprp', properties),
  ];
  return Buffer.concat([
    box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1')),
    fullBox('meta', Buffer.concat(meta)),
    box('mdat', Buffer.alloc(padding)),
  ]);
}

function box(type: string, content: Buffer): Buffer {
  return Buffer.concat([u32(8 + content.length), Buffer.from(type, 'latin1'), content]);
}

function fullBox(type: string, content: Buffer, version = 0): Buffer {
  return box(type, Buffer.concat([u32(version * 2 ** 24), content]));
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
