export type { ClipFrames, ObjectMask } from './clip';
export { cutClip } from './cutouts';
