import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { toLinear } from './color';
import { type Chromaticity, codedSpace, type ColorSpace, iccProfile, SRGB } from './icc';

const SIGNATURE_AND_HEADER = 33;
const COLOR_TYPE = 25;
/** Bytes of text that a picture may bring along, once it is unpacked. */
const MAX_TEXT = 16 * 1024 * 1024;
/** Of gAMA that stands for the curve of sRGB, as the standard wants it written. */
const SRGB_GAMMA = 0.45455;

interface Chunk {
  type: string;
  data: Buffer;
  start: number;
  end: number;
}

/**
 * Prepares a PNG for libvips, which unpacks all text and knows no description of colours but a profile: text beyond
 * `MAX_TEXT` is left out, and cICP, gAMA and cHRM become an iCCP chunk (PNG, third edition, 4.3 and 13.14).
 * @returns the same bytes where nothing had to change
 */
export function tidyPng(bytes: Buffer): Buffer {
  const chunks = readChunks(bytes);
  const dropped = new Set(excessText(chunks));
  const color = readColor(chunks);
  const inserted: Buffer[] = [];
  if (color) {
    const { replaces, space } = color;
    for (const chunk of chunks) if (replaces.includes(chunk.type)) dropped.add(chunk);
    if (space) inserted.push(profileChunk(space, (bytes[COLOR_TYPE] & 2) === 0));
  }
  if (!dropped.size && !inserted.length) return bytes;
  const kept = chunks
    .filter((chunk) => !dropped.has(chunk))
    .map(({ start, end }) => bytes.subarray(start, end));
  const rest = bytes.subarray(chunks[chunks.length - 1].end);
  return Buffer.concat([bytes.subarray(0, SIGNATURE_AND_HEADER), ...inserted, ...kept, rest]);
}

/** Chunks between the header and the picture data. */
function readChunks(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let start = SIGNATURE_AND_HEADER; start + 12 <= bytes.length;) {
    const end = start + 12 + bytes.readUInt32BE(start);
    const type = bytes.toString('latin1', start + 4, start + 8);
    if (type === 'IDAT' || type === 'IEND' || end > bytes.length) break;
    chunks.push({ type, data: bytes.subarray(start + 8, end - 4), start, end });
    start = end;
  }
  return chunks;
}

/** Text for which there is no room left. */
function* excessText(chunks: Chunk[]): Generator<Chunk> {
  let room = MAX_TEXT;
  for (const chunk of chunks) {
    if (!/^[tzi]TXt$/.test(chunk.type)) continue;
    const length = unpackedLength(chunk, room);
    if (length > room) yield chunk;
    else room -= length;
  }
}

/** Length of a text, or more than `room` where it does not fit or makes no sense. */
function unpackedLength({ type, data }: Chunk, room: number): number {
  const keyword = data.indexOf(0);
  const isPacked = type === 'zTXt' || (type === 'iTXt' && data[keyword + 1] === 1);
  if (!isPacked) return data.length;
  // Behind the keyword: the method; in iTXt a flag before it, then a language and a translated keyword.
  const language = data.indexOf(0, keyword + 3);
  const start = type === 'zTXt' ? keyword + 2 : data.indexOf(0, language + 1) + 1;
  try {
    return inflateSync(data.subarray(start), { maxOutputLength: Math.max(1, room) }).length;
  } catch {
    return Infinity;
  }
}

/** @returns the space, undefined for sRGB, and the chunks that have no say beside it; undefined for none but a profile */
function readColor(chunks: Chunk[]): { space?: ColorSpace; replaces: string[] } | undefined {
  const find = (wanted: string, length: number) =>
    chunks.find(({ type, data }) => type === wanted && data.length >= length)?.data;
  const coded = find('cICP', 4);
  const [UNSPECIFIED, RGB] = [2, 0];
  if (coded && coded[0] !== UNSPECIFIED && coded[1] !== UNSPECIFIED && coded[2] === RGB) {
    const space = codedSpace({ primaries: coded[0], transfer: coded[1] });
    return { space, replaces: ['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'] };
  }
  if (find('iCCP', 0) || find('sRGB', 0)) return undefined;
  const gamma = (find('gAMA', 4)?.readUInt32BE(0) ?? 0) / 100_000;
  const primaries = readPrimaries(find('cHRM', 32));
  const isSrgb = !gamma || Math.abs(gamma - SRGB_GAMMA) < 0.001;
  if (isSrgb && primaries === SRGB) return undefined;
  const toLight = isSrgb ? toLinear : (value: number) => value ** (1 / gamma);
  return { space: { primaries, toLight }, replaces: ['gAMA', 'cHRM'] };
}

/** sRGB's where there are none, and where they are sRGB's but for rounding or make no sense. */
function readPrimaries(data: Buffer | undefined): readonly Chromaticity[] {
  if (!data) return SRGB;
  const at = (place: number) => data.readUInt32BE(4 * place) / 100_000;
  const [white, ...colors] = [0, 2, 4, 6].map((place): Chromaticity => [at(place), at(place + 1)]);
  const primaries = [...colors, white];
  const isSrgb = primaries.every(
    ([x, y], point) => Math.hypot(x - SRGB[point][0], y - SRGB[point][1]) < 0.002,
  );
  return isSrgb || !isTriangle(primaries) ? SRGB : primaries;
}

/** Whether three primaries span colours, with the white inside. */
function isTriangle([red, green, blue, white]: readonly Chromaticity[]): boolean {
  const side = (a: Chromaticity, b: Chromaticity) =>
    (b[0] - a[0]) * (white[1] - a[1]) - (b[1] - a[1]) * (white[0] - a[0]);
  const sides = [side(red, green), side(green, blue), side(blue, red)];
  const isInside = sides.every((value) => value > 1e-4) || sides.every((value) => value < -1e-4);
  return isInside && [red, green, blue, white].every(([, y]) => y > 1e-4);
}

function profileChunk(space: ColorSpace, isGrey: boolean): Buffer {
  const profile = iccProfile(isGrey ? { ...space, primaries: undefined } : space);
  return pngChunk('iCCP', Buffer.concat([Buffer.from('coded\0\0', 'latin1'), deflateSync(profile)]));
}

/** A chunk with its length and checksum. @param type four letters */
export function pngChunk(type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, 'latin1');
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}
