/**
 * Unpacks the run-length coding of bitmaps with 8 or 4 bits a pixel (BI_RLE8, BI_RLE4).
 * @returns one palette index a pixel, in the order of the file's rows; 0 for pixels that are jumped over
 * @throws RangeError when the runs end before they say that the picture does
 */
export function unpackRuns(bytes: Buffer, width: number, height: number, bits: number): Uint8Array {
  const [END_OF_LINE, END_OF_PICTURE, JUMP] = [0, 1, 2];
  const indices = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, 0];
  const put = (index: number) => {
    if (x < width) indices[y * width + x++] = index;
  };
  /** The n-th index of bytes that hold one or two each. */
  const pick = (start: number, n: number) =>
    bits === 8 ? bytes.readUInt8(start + n) : (bytes.readUInt8(start + (n >> 1)) >> (n & 1 ? 0 : 4)) & 15;
  while (y < height) {
    const count = bytes.readUInt8(at);
    const value = bytes.readUInt8(at + 1);
    at += 2;
    if (count > 0) {
      for (let n = 0; n < count; n++) put(bits === 8 ? value : (value >> (n & 1 ? 0 : 4)) & 15);
    } else if (value === END_OF_LINE) {
      [x, y] = [0, y + 1];
    } else if (value === END_OF_PICTURE) {
      break;
    } else if (value === JUMP) {
      x += bytes.readUInt8(at);
      y += bytes.readUInt8(at + 1);
      at += 2;
    } else {
      for (let n = 0; n < value; n++) put(pick(at, n));
      const length = bits === 8 ? value : (value + 1) >> 1;
      at += length + (length & 1);
    }
  }
  return indices;
}
