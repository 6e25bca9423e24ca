import { type FileHandle, open } from 'node:fs/promises';

/** Bytes of a description of a file that are looked into. */
const MOST = 64 * 1024 * 1024;
/** Of a box (ISO/IEC 14496-12, 4.2): length and type; and the longer one, where the length is written behind. */
const [HEADER, LONG_HEADER] = [8, 16];

interface Box {
  type: string;
  /** Of what is in it. */
  start: number;
  end: number;
}

/**
 * Whether an MP4 or MOV file has its first frames in its description and the others in fragments: of such a file the
 * reader of containers sees the first ones only, and takes them for all.
 */
export async function isPartlyFragmented(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    let hasSamples = false;
    for await (const { type, start, end } of boxes(handle)) {
      if (type === 'moof' && hasSamples) return true;
      if (type !== 'moov' || end - start > MOST) continue;
      const { buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      hasSamples = countsSamples(buffer);
    }
    return false;
  } finally {
    await handle.close();
  }
}

/** The boxes of a file, as far as they make sense. */
async function* boxes(handle: FileHandle): AsyncGenerator<Box> {
  const { size } = await handle.stat();
  for (let at = 0; at + HEADER <= size;) {
    const { buffer } = await handle.read(Buffer.alloc(LONG_HEADER), 0, LONG_HEADER, at);
    const short = buffer.readUInt32BE(0);
    const length = short === 1 ? Number(buffer.readBigUInt64BE(HEADER)) : short || size - at;
    const header = short === 1 ? LONG_HEADER : HEADER;
    if (length < header) return;
    yield {
      type: buffer.toString('latin1', 4, HEADER),
      start: at + header,
      end: Math.min(size, at + length),
    };
    at += length;
  }
}

/** Whether a table of sample sizes in it has entries: version and flags, the size of all, and how many there are. */
function countsSamples(moov: Buffer): boolean {
  for (let at = moov.indexOf('stsz'); at >= 0; at = moov.indexOf('stsz', at + 4))
    if (at + 16 <= moov.length && moov.readUInt32BE(at + 12) > 0) return true;
  return false;
}
