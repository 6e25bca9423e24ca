const [FILL, START_OF_SCAN, TEMPORARY] = [0xff, 0xda, 0x01];
const END = Buffer.from([0xff, 0xd9]);

/**
 * Takes out of a JPEG what careless writers put in and no pixel depends on: stray bytes between the segments before
 * the picture data, and a missing end marker (ITU-T T.81, annex B). Picture data is left alone.
 * @returns the file as it is where its segments make no sense
 */
export function tidyJpeg(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 2)];
  for (let at = 2; ;) {
    at = bytes.indexOf(FILL, at);
    while (at >= 0 && bytes[at + 1] === FILL) at++;
    if (at < 0 || at + 4 > bytes.length) return bytes;
    const marker = bytes[at + 1];
    if (marker === START_OF_SCAN) return Buffer.concat([...kept, bytes.subarray(at), END]);
    const isSegment = marker > TEMPORARY && !(marker >= 0xd0 && marker <= 0xd9);
    const next = at + 2 + (isSegment ? bytes.readUInt16BE(at + 2) : 0);
    // A zero after the fill byte is no marker, only stray like the rest.
    if (marker !== 0) kept.push(bytes.subarray(at, next));
    at = next;
  }
}
