/** Kernels for enlarging, as functions of the distance in source pixels. */
const KERNELS = {
  nearest: { radius: 0.5, at: () => 1 },
  linear: { radius: 1, at: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  /** Keys' cubic convolution with a = -0.5 (Catmull-Rom). */
  cubic: {
    radius: 2,
    at: (x: number) => {
      const d = Math.abs(x);
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
      return d < 2 ? ((2.5 - 0.5 * d) * d - 4) * d + 2 : 0;
    },
  },
  lanczos3: { radius: 3, at: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const;

export type UpscaleKernel = keyof typeof KERNELS;

interface Taps {
  /** Source pixels read for each pixel of the result. */
  count: number;
  /** The first of them, for each. */
  first: Int32Array;
  /** `count` weights for each; they add up to 1. */
  weights: Float32Array;
}

interface Planes {
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * Enlarges interleaved 8-bit channels, pixel centres on pixel centres as Pillow and OpenCV have them: libvips lays its
 * enlargements half a pixel off. Rows first, then columns, rounded in between.
 * @param width at least the picture's
 * @param height at least the picture's
 */
export function upscale(
  { data, width: fromWidth, height: fromHeight }: Planes,
  channels: number,
  width: number,
  height: number,
  kernel: UpscaleKernel,
): Uint8Array {
  const wide = width === fromWidth ? data : widen(data, fromWidth, fromHeight, channels, width, kernel);
  return height === fromHeight ? wide : heighten(wide, fromHeight, width * channels, height, kernel);
}

function widen(
  data: Uint8Array,
  fromWidth: number,
  rows: number,
  channels: number,
  width: number,
  kernel: UpscaleKernel,
): Uint8Array {
  const { count, first, weights } = taps(fromWidth, width, kernel);
  const result = new Uint8Array(width * rows * channels);
  for (let y = 0, to = 0; y < rows; y++) {
    const row = y * fromWidth * channels;
    for (let x = 0; x < width; x++) {
      const start = row + first[x] * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let tap = x * count, from = start + channel; tap < (x + 1) * count; tap++, from += channels) {
          sum += weights[tap] * data[from];
        }
        result[to++] = sum <= 0 ? 0 : sum >= 255 ? 255 : sum + 0.5;
      }
    }
  }
  return result;
}

function heighten(
  data: Uint8Array,
  fromHeight: number,
  stride: number,
  height: number,
  kernel: UpscaleKernel,
): Uint8Array {
  const { count, first, weights } = taps(fromHeight, height, kernel);
  const result = new Uint8Array(stride * height);
  const sums = new Float32Array(stride);
  for (let y = 0; y < height; y++) {
    const to = y * stride;
    const row = weights.subarray(y * count, (y + 1) * count);
    if (count === 4) {
      // Mattes come this way, and photos below: without sums in between it takes half the time.
      const [a, b, c, d] = row;
      let one = first[y] * stride;
      let two = one + stride;
      let three = two + stride;
      let four = three + stride;
      for (let i = 0; i < stride; i++) {
        const sum = a * data[one++] + b * data[two++] + c * data[three++] + d * data[four++];
        result[to + i] = sum <= 0 ? 0 : sum >= 255 ? 255 : sum + 0.5;
      }
      continue;
    }
    if (count === 6) {
      const [a, b, c, d, e, f] = row;
      let at = first[y] * stride;
      const [two, three, four, five, six] = [1, 2, 3, 4, 5].map((down) => down * stride);
      for (let i = 0; i < stride; i++, at++) {
        const sum =
          a * data[at] +
          b * data[at + two] +
          c * data[at + three] +
          d * data[at + four] +
          e * data[at + five] +
          f * data[at + six];
        result[to + i] = sum <= 0 ? 0 : sum >= 255 ? 255 : sum + 0.5;
      }
      continue;
    }
    sums.fill(0);
    for (let tap = 0; tap < count; tap++) {
      const weight = row[tap];
      const from = (first[y] + tap) * stride;
      for (let i = 0; i < stride; i++) sums[i] += weight * data[from + i];
    }
    for (let i = 0; i < stride; i++) {
      const sum = sums[i];
      result[to + i] = sum <= 0 ? 0 : sum >= 255 ? 255 : sum + 0.5;
    }
  }
  return result;
}

/** At the picture's edges the kernel is cut off and what is left of it weighs more. */
function taps(from: number, to: number, kernel: UpscaleKernel): Taps {
  const { radius, at } = KERNELS[kernel];
  const count = Math.min(from, Math.ceil(2 * radius));
  const first = new Int32Array(to);
  const weights = new Float32Array(to * count);
  for (let i = 0; i < to; i++) {
    const center = ((i + 0.5) * from) / to;
    const start = Math.max(0, Math.min(from - count, Math.floor(center - radius + 0.5)));
    first[i] = start;
    const row = weights.subarray(i * count, (i + 1) * count);
    let sum = 0;
    for (let tap = 0; tap < count; tap++) sum += row[tap] = at(start + tap + 0.5 - center);
    for (let tap = 0; tap < count; tap++) row[tap] /= sum;
  }
  return { count, first, weights };
}

function sinc(x: number): number {
  const angle = Math.PI * x;
  return x === 0 ? 1 : Math.sin(angle) / angle;
}
