/**
 * An uncompressed TIFF 6.0 around 8-bit pixels and their profile: the cheapest way to hand libvips both together.
 * @param pixels grey, or interleaved RGB
 * @param profile ICC profile of the pixels
 */
export function tiff(pixels: Uint8Array, width: number, height: number, profile: Buffer): Buffer {
  const SHORT = 3;
  const LONG = 4;
  const UNDEFINED = 7;
  const isGrey = pixels.length === width * height;
  const channels = isGrey ? 1 : 3;
  const entries = 11;
  const bitsAt = 8 + 2 + entries * 12 + 4;
  const profileAt = bitsAt + 2 * channels;
  const pixelsAt = profileAt + profile.length + (profile.length & 1);
  const head = Buffer.alloc(pixelsAt);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  let at = head.writeUInt16LE(entries, 8);
  const entry = (tag: number, type: number, count: number, value: number) => {
    at = head.writeUInt16LE(tag, at);
    at = head.writeUInt16LE(type, at);
    at = head.writeUInt32LE(count, at);
    at = head.writeUInt32LE(value, at);
  };
  entry(256, LONG, 1, width);
  entry(257, LONG, 1, height);
  entry(258, SHORT, channels, isGrey ? 8 : bitsAt); // a single number stands in the entry itself
  entry(259, SHORT, 1, 1); // no compression
  entry(262, SHORT, 1, isGrey ? 1 : 2); // 0 is black, or RGB
  entry(273, LONG, 1, pixelsAt);
  entry(277, SHORT, 1, channels);
  entry(278, LONG, 1, height);
  entry(279, LONG, 1, pixels.length);
  entry(284, SHORT, 1, 1); // interleaved
  entry(34675, UNDEFINED, profile.length, profileAt);
  for (let channel = 0; channel < channels; channel++) head.writeUInt16LE(8, bitsAt + 2 * channel);
  profile.copy(head, profileAt);
  return Buffer.concat([head, pixels]);
}
