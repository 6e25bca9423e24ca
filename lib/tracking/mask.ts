import type { Alpha, BoundingBox } from '../contracts';
import { boundingBox, findRegions } from '../image';

/** Regions smaller than this share of the largest one are specks: they would make boxes larger than the object. */
const SPECK = 0.02;
/** Alpha that counts as the object. */
const INSIDE = 128;

/** Where an object is in a frame. */
export interface Shape {
  box: BoundingBox;
  /** Share of the frame, 0..1. */
  area: number;
}

/**
 * A mask of the network at the size of its frame: logits are enlarged before the sigmoid, which keeps edges sharp and
 * even. Specks are left out.
 * @param logits `side` x `side`
 */
export function alphaOf(logits: Float32Array, side: number, width: number, height: number): Alpha {
  const alpha = { data: new Uint8Array(width * height), width, height };
  const [columns, rows] = [taps(side, width), taps(side, height)];
  const row = new Float32Array(side);
  for (let y = 0, at = 0; y < height; y++) {
    const [above, below, down] = [rows.first[y] * side, rows.second[y] * side, rows.share[y]];
    for (let x = 0; x < side; x++)
      row[x] = logits[above + x] + (logits[below + x] - logits[above + x]) * down;
    for (let x = 0; x < width; x++, at++) {
      const left = row[columns.first[x]];
      alpha.data[at] = sigmoid(left + (row[columns.second[x]] - left) * columns.share[x]);
    }
  }
  return withoutSpecks(alpha);
}

/** The box and the area of what is in a mask; undefined: nothing. */
export function shapeOf(alpha: Alpha): Shape | undefined {
  const box = boundingBox(alpha, INSIDE - 1);
  if (!box) return undefined;
  let count = 0;
  for (let i = 0; i < alpha.data.length; i++) if (alpha.data[i] >= INSIDE) count++;
  return { box, area: count / alpha.data.length };
}

/** 0..255, with nothing to reckon where a network is sure. */
function sigmoid(logit: number): number {
  if (logit >= 8) return 255;
  return logit <= -8 ? 0 : 255 / (1 + Math.exp(-logit)) + 0.5;
}

/** Bilinear between the centres of pixels, ends repeated: PyTorch's `align_corners=False`. */
function taps(from: number, to: number) {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const share = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    first[i] = Math.min(from - 1, Math.floor(at));
    second[i] = Math.min(from - 1, first[i] + 1);
    share[i] = at - first[i];
  }
  return { first, second, share };
}

function withoutSpecks(alpha: Alpha): Alpha {
  const { data, width, height } = alpha;
  const { areas, starts, ends, of } = findRegions(data, width, height, { from: 1, to: 255, diagonals: true });
  const least = SPECK * areas.reduce((most, area) => Math.max(most, area), 0);
  for (let run = 0; run < of.length; run++) if (areas[of[run]] < least) data.fill(0, starts[run], ends[run]);
  return alpha;
}
