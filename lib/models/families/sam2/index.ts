import { z } from 'zod/v4';
import { expected } from '../../expected';
import { withRowMask } from '../../onnx';
import { family } from '../types';
import { BANK, EXPORTS } from './exports';
import { MEMORY_MASK, trackingNetwork } from './network';

const triple = (min: number, text: string) =>
  expected(z.array(z.number().min(min).max(1000)).length(3), text);

const input = z.strictObject({
  /** Pixels of a side; frames are squashed to it. */
  size: expected(z.int().min(32).max(4096), 'a whole number from 32 to 4096'),
  mean: triple(-1000, 'three numbers'),
  std: triple(1e-6, 'three numbers over 0'),
});

/** A bank of one size has rows that stand for nothing until the clip is long enough. */
const masked = withRowMask({
  keys: BANK.fixed.positions,
  queries: EXPORTS.fixed.attention.features,
  mask: MEMORY_MASK,
});

/** SAM 2 and its kin, which follow an object through a clip by a memory of the frames before: the graphs of one step. */
export const sam2 = family({
  task: 'tracking',
  roles: ['vision_encoder', 'mask_decoder', 'memory_attention', 'memory_encoder'],
  optionalRoles: ['pointer_tpos'],
  texts: ['constants'],
  fields: {
    input: expected(input, 'an object with size, mean and std'),
    /** Whether the memory attention takes a bank of one size, or memories and pointers apart, of any number. */
    bank: expected(z.enum(['fixed', 'dynamic']), 'fixed or dynamic'),
  },
  variantFields: {},
  change: ({ bank }, role) => (bank === 'fixed' && role === 'memory_attention' ? masked : undefined),
  open: trackingNetwork,
});
