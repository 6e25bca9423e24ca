/** What a sequence parameter set of H.264 says of samples (ITU-T H.264, 7.3.2.1.1). */
export interface Sps {
  /** 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  chromaFormat: number;
  depth: number;
  /** Frames may be fields, or hold macroblocks of fields. */
  mayInterlace: boolean;
}

/** Profiles whose sets say more of samples than that they are 4:2:0 with 8 bits. */
const HIGH_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
const SPS = 7;

/**
 * @param bytes an avcC, or a packet with start codes
 * @returns undefined where there is no such set
 */
export function readSps(bytes: Uint8Array, isAvcC: boolean): Sps | undefined {
  const unit = isAvcC ? fromAvcC(bytes) : fromStartCodes(bytes);
  if (!unit || unit.length < 5) return undefined;
  const bits = new Bits(withoutEmulation(unit));
  const profile = bits.read(16) & 0xff;
  bits.read(16); // constraints, level
  bits.golomb(); // id
  const sps = { chromaFormat: 1, depth: 8, mayInterlace: false };
  if (HIGH_PROFILES.includes(profile)) {
    sps.chromaFormat = bits.golomb();
    if (sps.chromaFormat === 3) bits.read(1);
    sps.depth = 8 + bits.golomb();
    bits.golomb(); // depth of chroma
    bits.read(1);
    if (bits.read(1)) skipScaling(bits, sps.chromaFormat === 3 ? 12 : 8);
  }
  bits.golomb(); // log2_max_frame_num
  const orderType = bits.golomb();
  if (orderType === 0) bits.golomb();
  if (orderType === 1) {
    bits.read(1);
    bits.golomb();
    bits.golomb();
    for (let left = Math.min(bits.golomb(), 255); left > 0; left--) bits.golomb();
  }
  bits.golomb(); // reference frames
  bits.read(1);
  bits.golomb(); // width
  bits.golomb(); // height
  sps.mayInterlace = bits.read(1) === 0;
  return sps;
}

function fromAvcC(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 9 || (bytes[5] & 31) === 0) return undefined;
  return bytes.subarray(8, 8 + (bytes[6] << 8) + bytes[7]);
}

function fromStartCodes(bytes: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at + 3 < bytes.length; at++) {
    const isStart = bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1;
    if (isStart && (bytes[at + 3] & 31) === SPS) return bytes.subarray(at + 3, at + 3 + 256);
  }
  return undefined;
}

/** Without the 3 of 0, 0, 3. */
function withoutEmulation(unit: Uint8Array): Uint8Array {
  return unit.filter((byte, at) => !(byte === 3 && at > 1 && unit[at - 1] === 0 && unit[at - 2] === 0));
}

function skipScaling(bits: Bits, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!bits.read(1)) continue;
    let next = 8;
    for (let left = list < 6 ? 16 : 64, last = 8; left > 0 && next !== 0; left--) {
      next = (last + bits.signedGolomb() + 256) % 256;
      last = next || last;
    }
  }
}

class Bits {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Unsigned; zeros behind the end. */
  read(count: number): number {
    let value = 0;
    for (; count > 0; count--, this.at++)
      value = value * 2 + (((this.bytes[this.at >> 3] ?? 0) >> (7 - (this.at & 7))) & 1);
    return value;
  }

  golomb(): number {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  signedGolomb(): number {
    const code = this.golomb();
    return code % 2 ? (code + 1) / 2 : -code / 2;
  }
}
