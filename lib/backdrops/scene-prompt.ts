import type { Look } from '../contracts';

/** Where a lamp is said to be straight ahead, in degrees to either side. */
const AHEAD = 15;
/** Above this many degrees it hangs overhead. */
const OVERHEAD = 65;
/** Below 1 it is a lamp with an edge: how soft a light counts as soft. */
const SOFT = 0.45;

/**
 * What a generator is told besides the prompt, so that the product that will be put over the scene seems to stand in
 * it: where the camera is, where the floor is left free, and which side the light comes from.
 * @param around the product stands in the scene already, which is drawn around it
 */
export function staging({ horizon, light, placement }: Look, around = false): string {
  const { anchor, baseline } = placement;
  const place = anchor === 'center' ? 'in the middle' : `on the ${anchor}`;
  const down = baseline === 'center' ? 0.75 : baseline;
  if (around) {
    return [
      'A single product, photographed straight on from slightly above.',
      `It stands ${place} at ${percent(down)} of the height, on a level surface that begins at ${percent(horizon)};`,
      `nothing else is near it. ${lamp(light)}.`,
    ].join(' ');
  }
  return [
    'Empty scene without any product, photographed straight on from slightly above.',
    `A free, level surface fills the picture below ${percent(horizon)} of its height;`,
    `nothing stands ${place}, where something will be placed at ${percent(down)}.`,
    `${lamp(light)}.`,
  ].join(' ');
}

function lamp({ azimuth, elevation, softness }: Look['light']): string {
  const kind = softness >= SOFT ? 'Soft light' : 'Hard light';
  if (elevation > OVERHEAD) return `${kind} from above`;
  const behind = Math.abs(azimuth) > 90 + AHEAD ? ' and behind' : '';
  if (Math.abs(azimuth) <= AHEAD || Math.abs(azimuth) >= 180 - AHEAD)
    return `${kind} from ${behind ? 'behind' : 'the front'}`;
  return `${kind} from the ${azimuth < 0 ? 'left' : 'right'}${behind}`;
}

/** Of the height, from the top. */
function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
