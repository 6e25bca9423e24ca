import { invalid, type BoundingBox } from '../contracts';
import type { PromptPoint } from '../models';
import type { ObjectPrompt } from './types';

/** Pixels that a box may lie outside: services round. */
const SLACK = 1;

interface Size {
  width: number;
  height: number;
}

/**
 * Looks at what can be known of prompts before a frame is read.
 * @throws VitrineError INVALID_PARAMETER
 */
export function checkPrompts(prompts: readonly ObjectPrompt[], count: number): void {
  if (!prompts.length)
    throw invalid('prompts', 'at least one box or point', prompts, 'Say which object is meant.');
  prompts.forEach(({ frame, box, points = [] }, i) => {
    if (!Number.isInteger(frame) || frame < 0 || frame >= count)
      throw invalid(
        `prompts[${i}].frame`,
        `a whole number from 0 to ${count - 1}`,
        frame,
        `The clip has ${count} frames, counted from 0.`,
      );
    if (!box && !points.some(({ label }) => label === 1))
      throw invalid(
        `prompts[${i}]`,
        'a box, or at least one point on the object',
        { box, points },
        'Points beside an object alone do not say which one is meant.',
      );
  });
}

/**
 * @param name of the prompt, for the error text
 * @throws VitrineError INVALID_PARAMETER for what lies outside of the frame
 */
export function checkWithin({ box, points = [] }: ObjectPrompt, frame: Size, name: string): void {
  const { width, height } = frame;
  const within = `within the frame of ${width} x ${height} pixels`;
  if (box && !isWithin(box, frame)) throw invalid(`${name}.box`, `a box ${within}`, box, OUTSIDE);
  const outside = points.find(({ x, y }) => !(x >= 0 && y >= 0 && x <= width && y <= height));
  if (outside) throw invalid(`${name}.points`, within, outside, OUTSIDE);
}

/**
 * A prompt as the network takes it: the corners of its box first.
 * @param size pixels of a side of the network's input
 */
export function promptPoints(
  { box, points = [] }: Pick<ObjectPrompt, 'box' | 'points'>,
  { width, height }: Size,
  size: number,
): PromptPoint[] {
  const scaled = (x: number, y: number, label: PromptPoint['label']): PromptPoint => ({
    x: (x * size) / width,
    y: (y * size) / height,
    label,
  });
  const [x, y, w, h] = box ?? [0, 0, 0, 0];
  const corners = box ? [scaled(x, y, 2), scaled(x + w, y + h, 3)] : [];
  return [...corners, ...points.map((point) => scaled(point.x, point.y, point.label))];
}

const OUTSIDE = 'Prompts are in pixels of the frames as the video shows them, with its rotation.';

function isWithin([x, y, w, h]: BoundingBox, { width, height }: Size): boolean {
  return x >= -SLACK && y >= -SLACK && w > 0 && h > 0 && x + w <= width + SLACK && y + h <= height + SLACK;
}
