import { fromLinear } from '../image';
import type { ColourTags } from './planes';

/** Nits of diffuse white (ITU-R BT.2408), which is the white of sRGB. */
const WHITE = 203;
/** Nits that highlights are taken to reach, as HDR is mastered mostly. */
const PEAK = 1000;
/** Steps of tables. */
const STEPS = 4095;

/** Linear BT.2020 to linear BT.709 (ITU-R BT.2087). */
const TO_709 = [
  [1.660491, -0.587641, -0.07285],
  [-0.12455, 1.1329, -0.008349],
  [-0.018151, -0.100579, 1.11873],
] as const;

/** Writes sRGB bytes to `rgb[at..at + 2]` for R'G'B' of about 0..1 with the primaries of BT.2020. */
export type ToneMapper = (red: number, green: number, blue: number, rgb: Uint8Array, at: number) => void;

/** Light of 1 is diffuse white. Colours keep their hue: what is too bright is scaled by its largest channel. */
export function toneMapper(transfer: ColourTags['transfer']): ToneMapper {
  const isPq = transfer === 'pq';
  const linear = isPq ? PQ : HLG;
  return (red, green, blue, rgb, at) => {
    let r = linear[index(red)];
    let g = linear[index(green)];
    let b = linear[index(blue)];
    if (!isPq) {
      // The display's part of HLG (BT.2100): light times luminance to the power of 0.2.
      const gain = SYSTEM_GAIN[index(Math.sqrt(0.2627 * r + 0.678 * g + 0.0593 * b))];
      r *= gain;
      g *= gain;
      b *= gain;
    }
    const R = Math.max(0, TO_709[0][0] * r + TO_709[0][1] * g + TO_709[0][2] * b);
    const G = Math.max(0, TO_709[1][0] * r + TO_709[1][1] * g + TO_709[1][2] * b);
    const B = Math.max(0, TO_709[2][0] * r + TO_709[2][1] * g + TO_709[2][2] * b);
    const gain = GAIN[index(Math.sqrt(Math.max(R, G, B) * (WHITE / PEAK)))];
    rgb[at] = BYTES[index(Math.sqrt(R * gain))];
    rgb[at + 1] = BYTES[index(Math.sqrt(G * gain))];
    rgb[at + 2] = BYTES[index(Math.sqrt(B * gain))];
  };
}

function index(value: number): number {
  return value <= 0 ? 0 : value >= 1 ? STEPS : (value * STEPS + 0.5) | 0;
}

function table(of: (value: number) => number): Float32Array {
  return Float32Array.from({ length: STEPS + 1 }, (_, step) => of(step / STEPS));
}

/** SMPTE ST 2084: signal 0..1 to nits, and back. */
const [M1, M2, C1, C2, C3] = [0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875];

function pqToNits(signal: number): number {
  const root = signal ** (1 / M2);
  return 10_000 * (Math.max(root - C1, 0) / (C2 - C3 * root)) ** (1 / M1);
}

function nitsToPq(nits: number): number {
  const power = (nits / 10_000) ** M1;
  return ((C1 + C2 * power) / (1 + C3 * power)) ** M2;
}

/** ARIB STD-B67: signal 0..1 to light of the scene, 0..1. */
function hlgToScene(signal: number): number {
  if (signal <= 0.5) return signal ** 2 / 3;
  return (Math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12;
}

/**
 * ITU-R BT.2390-8, 5.4.1: what lies below the knee stays, what is above it bends towards the peak of the screen.
 * @returns nits for nits
 */
function bend(nits: number): number {
  const top = nitsToPq(PEAK);
  const max = nitsToPq(WHITE) / top;
  const knee = 1.5 * max - 0.5;
  const value = Math.min(1, nitsToPq(nits) / top);
  if (value < knee) return nits;
  const t = (value - knee) / (1 - knee);
  const [t2, t3] = [t * t, t * t * t];
  const bent = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (3 * t2 - 2 * t3) * max;
  return pqToNits(bent * top);
}

const PQ = table((signal) => Math.min(PEAK, pqToNits(signal)) / WHITE);
const HLG = table(hlgToScene);
/** By the root of the scene's luminance: to units of diffuse white, on a screen of 1000 nits. */
const SYSTEM_GAIN = table((root) => (root * root) ** 0.2 * (PEAK / WHITE));
/** By the root of the largest channel, 1 being the peak. */
const GAIN = table((root) => {
  const nits = Math.max(1e-3, root * root * PEAK);
  return bend(nits) / nits;
});
/** By the root of light. */
const BYTES = Uint8Array.from({ length: STEPS + 1 }, (_, step) =>
  Math.round(255 * fromLinear((step / STEPS) ** 2)),
);
