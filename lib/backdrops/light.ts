import { LINEAR, parseColor } from '../image';
import type { Light3 } from './types';

/**
 * The linear light of a colour.
 * @throws VitrineError INVALID_PARAMETER unless it is #rgb or #rrggbb
 */
export function lightOf(color: string): Light3 {
  return parseColor(color, 'every colour').map((byte) => LINEAR[byte]) as Light3;
}

/** From 0 below `from` to 1 above `to`, without a kink at either end. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

export function lerp(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
