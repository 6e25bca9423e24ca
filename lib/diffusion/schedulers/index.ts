import type { Schedule } from '../../models';
import { euler } from './euler';
import { eulerAncestral } from './euler-ancestral';
import { flowMatchEuler } from './flow-match-euler';
import { lcm } from './lcm';
import type { Scheduler } from './types';

export type { Draw, Scheduler } from './types';

/**
 * The schedule of one picture.
 * @param cells of its latents
 */
export function schedulerFor(schedule: Schedule, steps: number, cells: number): Scheduler {
  switch (schedule.scheduler) {
    case 'euler':
      return euler(steps, schedule.spacing, schedule.prediction);
    case 'euler-ancestral':
      return eulerAncestral(steps, schedule.spacing, schedule.prediction);
    case 'lcm':
      return lcm(steps, schedule.prediction);
    case 'flow-match-euler':
      return flowMatchEuler(steps, cells);
  }
}
