import type { BoundingBox, RgbImage } from '../contracts';
import { cropTo } from '../image';
import { sharedArena } from '../kernels';
import { type ColourTags, type PlaneLayout, type Samples, chromaSize, samplesOf, toBytes } from './planes';
import { toneMapper } from './tone-map';

/** Kr and Kb of ITU-R BT.601, BT.709 and BT.2020. */
const WEIGHTS: Record<ColourTags['matrix'], readonly [red: number, blue: number]> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
};

/** Bits behind the point of the coefficients. */
const FRACTION = 14;
/** Chroma between samples is counted in eighths. */
const EIGHTHS = 3;
/** Bits of a sample that kernels/video.ts takes. */
const KERNEL_DEPTH = 12;

/**
 * Luma and chroma to sRGB: by the matrix and the range of the tags (ITU-R BT.601, 709, 2020), chroma interpolated
 * linearly (sited left, as H.264, HEVC and VP9 do where nothing is said), HDR toned down.
 * @param bytes of `byteCount(layout)`
 * @param part what is cut out of the picture
 */
export function toRgb(
  bytes: Uint8Array,
  layout: PlaneLayout,
  tags: ColourTags,
  part: BoundingBox = [0, 0, layout.width, layout.height],
): RgbImage {
  if (tags.transfer === 'sdr') return sdrToRgb(bytes, layout, tags, part);
  const { width, height } = layout;
  return cropTo({ data: hdrToRgb(samplesOf(bytes, layout), layout, tags), width, height }, part);
}

/** Fixed-point coefficients: R = y Y + rv V, and so on, shifted right by `shift` with `offset`s added before. */
function coefficients({ depth }: PlaneLayout, { matrix, fullRange }: ColourTags) {
  const [red, blue] = WEIGHTS[matrix];
  const green = 1 - red - blue;
  const peak = 2 ** depth - 1;
  const unit = 2 ** (depth - 8);
  const black = fullRange ? 0 : 16 * unit;
  // To 0..255, times a power of two.
  const scale = (255 * 2 ** FRACTION) / (fullRange ? peak : 219 * unit);
  const chroma = (255 * 2 ** FRACTION) / (fullRange ? peak : 224 * unit);
  return {
    y: Math.round(scale),
    rv: Math.round(2 * (1 - red) * chroma),
    gu: Math.round((-2 * (1 - blue) * blue * chroma) / green),
    gv: Math.round((-2 * (1 - red) * red * chroma) / green),
    bu: Math.round(2 * (1 - blue) * chroma),
    black,
    middle: 128 * unit,
  };
}

/** One plane of chroma, row by row, in eighths of a sample, of which the middle is taken away. */
class ChromaRows {
  /** At the width of luma; see `fill`. */
  readonly row: Int32Array;
  /** At its own width and in quarters, one more than there are. */
  private readonly columns: Int32Array;
  private readonly small: { width: number; height: number };

  constructor(
    private readonly samples: Samples,
    private readonly start: number,
    private readonly layout: PlaneLayout,
    private readonly middle: number,
  ) {
    this.small = chromaSize(layout);
    this.row = new Int32Array(layout.width + 1);
    this.columns = new Int32Array(this.small.width + 1);
  }

  /** Fills `row` for the row `y` of luma. */
  fill(y: number): void {
    const { samples, start, small, middle, columns, row } = this;
    // Rows of 4:2:0 lie between those of luma: three quarters of the near one, a quarter of the far one.
    const isHalf = this.layout.chroma === '420';
    const near = isHalf ? y >> 1 : y;
    const far = isHalf ? Math.min(small.height - 1, Math.max(0, near + (y & 1 ? 1 : -1))) : near;
    const a = start + near * small.width;
    const b = start + far * small.width;
    for (let x = 0; x < small.width; x++) columns[x] = 3 * samples[a + x] + samples[b + x] - 4 * middle;
    columns[small.width] = columns[small.width - 1];
    if (this.layout.chroma === '444') for (let x = 0; x < small.width; x++) row[x] = columns[x] << 1;
    else
      for (let x = 0, to = 0; x < small.width; x++, to += 2) {
        row[to] = columns[x] << 1;
        row[to + 1] = columns[x] + columns[x + 1];
      }
  }
}

function chromaOf(samples: Samples, layout: PlaneLayout, middle: number): [ChromaRows, ChromaRows] {
  const luma = layout.width * layout.height;
  const small = chromaSize(layout);
  return [
    new ChromaRows(samples, luma, layout, middle),
    new ChromaRows(samples, luma + small.width * small.height, layout, middle),
  ];
}

function sdrToRgb(bytes: Uint8Array, layout: PlaneLayout, tags: ColourTags, part: BoundingBox): RgbImage {
  const { width, height, depth, chroma } = layout;
  if (depth > KERNEL_DEPTH)
    return sdrToRgb(toBytes(samplesOf(bytes, layout), depth), { ...layout, depth: 8 }, tags, part);
  const { y, rv, gu, gv, bu, black, middle } = coefficients(layout, tags);
  const arena = sharedArena();
  return arena.scope(() => {
    const numbers = arena.put(Int32Array.of(y, rv, gu, gv, bu, black, middle, 2 ** depth - 1));
    const [planes, out] = [arena.put(bytes), arena.take(width * height * 3)];
    const scratch = arena.take(2 * 2 * (width + 16));
    const form = [Number(depth > 8), Number(chroma !== '444'), Number(chroma === '420')] as const;
    arena.kernels.planesToRgb(planes, width, height, ...form, numbers, scratch, out);
    // The only copy of them.
    return cropTo({ data: arena.bytes(out, width * height * 3), width, height }, part);
  });
}

function hdrToRgb(samples: Samples, layout: PlaneLayout, tags: ColourTags): Uint8Array {
  const { width, height } = layout;
  const { y: luma, rv, gu, gv, bu, black, middle } = coefficients(layout, tags);
  const [blues, reds] = chromaOf(samples, layout, middle);
  const us = blues.row;
  const vs = reds.row;
  const rgb = new Uint8Array(width * height * 3);
  const toSrgb = toneMapper(tags.transfer);
  // To 0..1.
  const unit = 1 / (255 * 2 ** FRACTION);
  const small = unit / 2 ** EIGHTHS;
  for (let y = 0, at = 0, pixel = 0; y < height; y++) {
    blues.fill(y);
    reds.fill(y);
    for (let x = 0; x < width; x++, at += 3, pixel++) {
      const light = (samples[pixel] - black) * luma * unit;
      const u = us[x] * small;
      const v = vs[x] * small;
      toSrgb(light + rv * v, light + gu * u + gv * v, light + bu * u, rgb, at);
    }
  }
  return rgb;
}
