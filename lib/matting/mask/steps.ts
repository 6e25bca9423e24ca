import { throwIfAborted, type Alpha, type RemoveParams } from '../../contracts';
import { cleanMask } from './clean';
import { fillHoles } from './holes';
import { dropIslands } from './islands';
import { growMask, smoothMask } from './morphology';

/**
 * Takes out of a matte what does not belong there: `clean_mask`, `drop_islands`, `fill_holes`, in this order. Soft
 * edges keep their values.
 * @returns the matte itself where nothing was asked for
 * @throws VitrineError CANCELLED
 */
export function repairMask(
  alpha: Alpha,
  params: Pick<RemoveParams, 'clean_mask' | 'drop_islands' | 'fill_holes'>,
  signal: AbortSignal,
): Alpha {
  let mask = alpha;
  if (params.clean_mask) mask = cleanMask(mask, signal);
  throwIfAborted(signal);
  if (params.drop_islands > 0) mask = dropIslands(mask, params.drop_islands);
  throwIfAborted(signal);
  if (params.fill_holes > 0) mask = fillHoles(mask, params.fill_holes);
  throwIfAborted(signal);
  return mask;
}

/**
 * Moves the edge of a matte: `smooth`, then `grow`. Edges keep their softness.
 * @returns the matte itself where nothing was asked for
 * @throws VitrineError CANCELLED
 */
export function shapeMask(
  alpha: Alpha,
  params: Pick<RemoveParams, 'smooth' | 'grow'>,
  signal: AbortSignal,
): Alpha {
  let mask = alpha;
  if (params.smooth > 0) mask = smoothMask(mask, params.smooth, signal);
  if (params.grow !== 0) mask = growMask(mask, params.grow, signal);
  throwIfAborted(signal);
  return mask;
}
