export { cutClip, findMainObject, type ObjectMask } from './cutouts';
export { LOST, compactMask } from './cutouts/types';
export { detect } from './detect';
export { trackObjects } from './track';
export type { ClipFrames, ObjectPrompt, TrackedFrame, TrackedObject, TrackOptions } from './types';
