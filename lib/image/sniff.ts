/** What a file's first bytes look like. Only the first group can be decoded. */
export type FileKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'svg' | 'bmp' | 'heif' | UnsupportedKind;

export type UnsupportedKind = keyof typeof UNSUPPORTED;

/** What people call the kinds that cannot be decoded, with the way out. */
export const UNSUPPORTED = {
  jxl: ['a JPEG XL picture', 'Convert it to PNG, WebP or JPEG first.'],
  jp2: ['a JPEG 2000 picture', 'Convert it to PNG, WebP or JPEG first.'],
  psd: ['a Photoshop document', 'Export it as PNG or JPEG first.'],
  raw: ["a camera's raw file", 'Develop it and export a JPEG, PNG or TIFF first.'],
  ico: ['a Windows icon', 'Convert it to PNG first.'],
  exr: ['an OpenEXR or Radiance HDR picture', 'Convert it to PNG or TIFF first.'],
  pnm: ['a Netpbm picture', 'Convert it to PNG first.'],
  pdf: ['a PDF or PostScript document', 'Export the page as PNG or JPEG first.'],
  video: ['a video', 'Send a single picture, or take a frame out of the video first.'],
  audio: ['a sound file', 'Send a picture.'],
  archive: ['a compressed file or archive', 'Unpack it and send the pictures inside.'],
  html: [
    'a web page',
    'The download probably answered with an error page: check the link and its permissions.',
  ],
  json: ['JSON text', 'The download probably answered with an error: check the link and its permissions.'],
  text: [
    'plain text',
    'Check that the right file was sent, and that it is the picture itself and not a link to it.',
  ],
  unknown: [
    'no picture format known here',
    'Send a JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC, BMP or SVG file.',
  ],
} as const satisfies Record<string, readonly [string, string]>;

const HEIF_BRANDS =
  /^(avif|avis|heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|mif2|mif3|msf1|miaf|MiHB|MiHA|MA1A|MA1B|avio|tmap)$/;

/** @param head the first bytes of the file, 1 KB or more where the file has them */
export function sniff(head: Buffer): FileKind {
  return sniffBinary(head) ?? sniffText(head);
}

function sniffBinary(head: Buffer): FileKind | undefined {
  const hex = head.toString('hex', 0, 16);
  const text = head.toString('latin1', 0, 32);
  if (hex.startsWith('ffd8ff')) return 'jpeg';
  if (hex.startsWith('89504e470d0a1a0a')) return 'png';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('RIFF'))
    return text.startsWith('WEBP', 8) ? 'webp' : text.startsWith('AVI', 8) ? 'video' : 'audio';
  if (/^(II\x2a\0|MM\0\x2a)/.test(text)) return text.startsWith('CR', 8) ? 'raw' : 'tiff';
  if (/^(II\x2b\0|MM\0\x2b)/.test(text)) return 'tiff';
  if (/^(IIRO|IIRS|IIU\0|FUJIFILMCCD)/.test(text)) return 'raw';
  if (text.startsWith('ftyp', 4)) return sniffBrands(head);
  if (text.startsWith('BM') && head.length > 18 && isBmpHeader(head)) return 'bmp';
  if (text.startsWith('8BPS')) return 'psd';
  if (text.startsWith('%PDF') || text.startsWith('%!PS')) return 'pdf';
  if (hex.startsWith('ff0a') || hex.startsWith('0000000c4a584c20')) return 'jxl';
  if (hex.startsWith('ff4fff51') || hex.startsWith('0000000c6a5020')) return 'jp2';
  if (hex.startsWith('00000100')) return 'ico';
  if (hex.startsWith('762f3101') || text.startsWith('#?RADIANCE')) return 'exr';
  if (/^P[1-7F]\s/.test(text)) return 'pnm';
  if (hex.startsWith('1a45dfa3') || hex.startsWith('000001b') || text.startsWith('FLV')) return 'video';
  if (/^(moov|mdat|free|wide|skip)/.test(text.slice(4))) return 'video';
  if (/^(ID3|OggS|fLaC)/.test(text)) return 'audio';
  if (/^(PK\x03\x04|PK\x05\x06|\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/.test(text))
    return 'archive';
  return undefined;
}

/** HEIF and video share a container: the brands tell them apart. */
function sniffBrands(head: Buffer): FileKind {
  const end = Math.min(head.readUInt32BE(0), head.length);
  const brands = [head.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4));
  if (brands[0] === 'crx ') return 'raw';
  return brands.some((brand) => HEIF_BRANDS.test(brand)) ? 'heif' : 'video';
}

function isBmpHeader(head: Buffer): boolean {
  const size = head.readUInt32LE(14);
  return size >= 12 && size <= 256;
}

function sniffText(head: Buffer): FileKind {
  const text = decodeText(head);
  if (text === undefined) return 'unknown';
  const start = text.replace(/^\s*(<\?xml[^>]*>|<!--[\s\S]*?-->|\s)*/, '');
  if (/^<!DOCTYPE\s+svg|^<([\w-]+:)?svg[\s>/]/i.test(start)) return 'svg';
  if (/^<(!DOCTYPE\s+html|html|head|body|!--)/i.test(start)) return 'html';
  if (/^[[{]/.test(start)) return 'json';
  // A prologue longer than what was read, or a DOCTYPE with entities only: the SVG check looks closer.
  if (/^<\?xml|^<!DOCTYPE/i.test(text.trimStart()) && /<svg[\s>]|svg/i.test(text)) return 'svg';
  return 'text';
}

/** @returns undefined when the bytes are not text */
function decodeText(head: Buffer): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString('utf16le', 2);
  if (head[0] === 0xfe && head[1] === 0xff)
    return Buffer.from(head.subarray(0, head.length & ~1))
      .swap16()
      .toString('utf16le', 2);
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) return undefined;
  return head.toString('utf8').replace(/^\ufeff/, '');
}
