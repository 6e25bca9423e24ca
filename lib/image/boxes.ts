/** One box of an ISO base media file (ISO/IEC 14496-12): where its content lies. */
export interface Box {
  type: string;
  /** Offset of the first content byte. */
  start: number;
  /** Offset behind the last. */
  end: number;
}

/** Reads big-endian numbers one after another; running over the end throws a RangeError. */
export class Reader {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
    private readonly end: number = bytes.length,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  /** @param size whole bytes, 0..8; 0 gives 0, as `iloc` needs it */
  number(size: number): number {
    if (size === 8) return this.number(4) * 2 ** 32 + this.number(4);
    if (this.at + size > this.end) throw new RangeError('A box ends too early');
    const value = size === 0 ? 0 : this.bytes.readUIntBE(this.at, size);
    this.at += size;
    return value;
  }

  text(length: number): string {
    return this.take(length).toString('latin1');
  }

  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.end) throw new RangeError('A box ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Version and flags of a full box. */
  full(): { version: number; flags: number } {
    return { version: this.number(1), flags: this.number(3) };
  }
}

/** The boxes between two offsets. Broken sizes end the list. */
export function* boxes(bytes: Buffer, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    const reader = new Reader(bytes, at, end);
    let size = reader.number(4);
    const type = reader.text(4);
    if (size === 1) size = reader.left >= 8 ? reader.number(8) : 0;
    else if (size === 0) size = end - at;
    if (size < reader.at - at || at + size > end) return;
    yield { type, start: reader.at, end: at + size };
    at += size;
  }
}

/** The first box of a type. */
export function findBox(bytes: Buffer, start: number, end: number, type: string): Box | undefined {
  for (const box of boxes(bytes, start, end)) if (box.type === type) return box;
  return undefined;
}
