/** Field types of TIFF 6.0. */
const SHORT = 3;
const LONG = 4;
const ENTRY = 12;

export interface Directory {
  /** Where each tag's entry lies. */
  entries: Map<number, number>;
  /** Where the place of the next directory is told. */
  nextAt: number;
}

/** Reads and changes single numbers of a TIFF structure (TIFF 6.0), such as an EXIF block, in place. */
export class TiffStructure {
  private constructor(
    private readonly bytes: Buffer,
    private readonly isLittle: boolean,
  ) {}

  /** @returns undefined when the bytes are no TIFF structure */
  static open(bytes: Buffer): TiffStructure | undefined {
    const order = bytes.toString('latin1', 0, 4);
    const isTiff = (order === 'II*\0' || order === 'MM\0*') && bytes.length >= 14;
    return isTiff ? new TiffStructure(bytes, order === 'II*\0') : undefined;
  }

  /** @returns undefined when it does not lie within the bytes */
  first(): Directory | undefined {
    return this.directory(this.long(4));
  }

  /** The directory that an entry points to; undefined without the entry. */
  below(directory: Directory, tag: number): Directory | undefined {
    const start = this.number(directory, tag);
    return start === undefined ? undefined : this.directory(start);
  }

  /** The number of an entry that holds a single one of 2 or 4 bytes. */
  number({ entries }: Directory, tag: number): number | undefined {
    const at = entries.get(tag);
    if (at === undefined) return undefined;
    const type = this.short(at + 2);
    return type === SHORT ? this.short(at + 8) : type === LONG ? this.long(at + 8) : undefined;
  }

  /** Changes an entry that is there. @param value 0..65535 */
  setNumber({ entries }: Directory, tag: number, value: number): void {
    const at = entries.get(tag);
    if (at === undefined) return;
    this.bytes.fill(0, at + 2, at + ENTRY);
    this.setShort(at + 2, SHORT);
    this.setShort(this.isLittle ? at + 4 : at + 6, 1);
    this.setShort(at + 8, value);
  }

  /** Makes a directory the last one. */
  setLast({ nextAt }: Directory): void {
    this.bytes.fill(0, nextAt, nextAt + 4);
  }

  private directory(start: number): Directory | undefined {
    if (start + 2 > this.bytes.length) return undefined;
    const nextAt = start + 2 + this.short(start) * ENTRY;
    if (nextAt + 4 > this.bytes.length) return undefined;
    const entries = new Map<number, number>();
    for (let at = start + 2; at < nextAt; at += ENTRY) entries.set(this.short(at), at);
    return { entries, nextAt };
  }

  private short(at: number): number {
    return this.isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  private long(at: number): number {
    return this.isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  private setShort(at: number, value: number): void {
    if (this.isLittle) this.bytes.writeUInt16LE(value, at);
    else this.bytes.writeUInt16BE(value, at);
  }
}
