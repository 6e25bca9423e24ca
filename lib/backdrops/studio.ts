import { drawPodium } from './podium';
import { SURFACES } from './surfaces';
import { drawSweep } from './sweep';
import { drawTable } from './table';
import type { Backdrop, Stage } from './types';

/** A studio with one lamp: a paper sweep, a table of some material, or a podium. */
export function drawStudio(stage: Stage): Backdrop {
  const { surface } = stage.look;
  const material = SURFACES[surface];
  if (material) return drawTable(stage, material);
  return surface === 'podium' ? drawPodium(stage) : drawSweep(stage);
}
