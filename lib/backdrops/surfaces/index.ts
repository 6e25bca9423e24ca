import type { Surface as SurfaceName } from '../../contracts';
import { concrete } from './concrete';
import { linen } from './linen';
import { marble } from './marble';
import type { MakeSurface } from './types';
import { wood } from './wood';

export type { Surface } from './types';

/** The materials that a floor can be made of; paper and the podium have none. */
export const SURFACES: Partial<Record<SurfaceName, MakeSurface>> = { concrete, linen, marble, wood };
