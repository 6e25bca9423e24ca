const [FILL, TEMPORARY, FIRST_RESTART] = [0xff, 0x01, 0xd0];
const [END_OF_IMAGE, START_OF_SCAN] = [0xd9, 0xda];
const END = Buffer.from([FILL, END_OF_IMAGE]);
/** Far more than any writer puts before the picture data. */
const MAX_SEGMENTS = 10_000;

/**
 * Takes out of a JPEG what careless writers put in and no pixel depends on: stray bytes between the segments before
 * the picture data, and a missing end marker (ITU-T T.81, annex B). Picture data is left alone.
 * @returns the file as it is where its segments make no sense
 */
export function tidyJpeg(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 2)];
  for (let at = 2; kept.length <= MAX_SEGMENTS;) {
    at = bytes.indexOf(FILL, at);
    while (at >= 0 && bytes[at + 1] === FILL) at++;
    if (at < 0 || at + 4 > bytes.length) return bytes;
    const marker = bytes[at + 1];
    if (marker === START_OF_SCAN) return Buffer.concat([...kept, bytes.subarray(at), END]);
    const next = at + 2 + (isSegment(marker) ? bytes.readUInt16BE(at + 2) : 0);
    // A zero after the fill byte is no marker, only stray like the rest.
    if (marker !== 0) kept.push(bytes.subarray(at, next));
    at = next;
  }
  return bytes;
}

/**
 * Counts the passes in which a JPEG tells its picture, up to `most` + 1: each one goes over all of the pixels again.
 */
export function countScans(bytes: Buffer, most: number): number {
  let scans = 0;
  for (let at = 2; at + 4 <= bytes.length && scans <= most;) {
    const marker = bytes[at + 1];
    if (bytes[at] !== FILL || marker === FILL) at++;
    else if (marker === END_OF_IMAGE) break;
    else {
      if (marker === START_OF_SCAN) scans++;
      at += 2 + (isSegment(marker) ? bytes.readUInt16BE(at + 2) : 0);
    }
  }
  return scans;
}

/** Whether a length and content follow: not behind stuffed bytes, restarts, and the first and last marker. */
function isSegment(marker: number): boolean {
  return marker > TEMPORARY && !(marker >= FIRST_RESTART && marker <= END_OF_IMAGE);
}
