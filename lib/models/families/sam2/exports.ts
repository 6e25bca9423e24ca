/** What the tensors are called in the two exports of SAM 2.1 for video that are published. */
export interface Names {
  vision: { fine: string; middle: string; coarse: string; positions: string };
  decoder: {
    /** Inputs for the features by scale, finest first. */
    features: readonly [string, string, string];
    low: string;
    full: string;
    iou: string;
    score: string;
    pointer: string;
  };
  encoder: {
    features: string;
    mask: string;
    score: string;
    prompted: string;
    tokens: string;
    positions: string;
  };
  attention: { features: string; positions: string; answer: string };
}

const attention = {
  features: 'current_vision_features',
  positions: 'current_vision_position_embeddings',
};
const vision = { fine: 'feats0', middle: 'feats1', coarse: 'feats2' };

export const EXPORTS = {
  /** A bank of one size, which is padded: HF:square-zero-labs/sam2.1-tiny-video-onnx. */
  fixed: {
    vision: { ...vision, positions: 'vision_pos_embed' },
    decoder: {
      features: ['feats0', 'feats1', 'feats2_cond'],
      low: 'low_res_mask',
      full: 'high_res_mask',
      iou: 'iou',
      score: 'object_score_logits',
      pointer: 'object_pointer',
    },
    encoder: {
      features: 'feats2',
      mask: 'high_res_mask',
      score: 'object_score_logits',
      prompted: 'binarize',
      tokens: 'memory_tokens',
      positions: 'memory_pos',
    },
    attention: { ...attention, answer: 'conditioned_feats' },
  },
  /** A bank that grows, memories and pointers apart: HF:jax-image-tools/sam21-tiny-video-onnx, edgetam-video-onnx. */
  dynamic: {
    vision: { ...vision, positions: 'pos2' },
    decoder: {
      features: ['feats0', 'feats1', 'feats2'],
      low: 'pred_masks',
      full: 'high_res_masks',
      iou: 'iou_scores',
      score: 'object_score_logits',
      pointer: 'object_pointer',
    },
    encoder: {
      features: 'vision_features',
      mask: 'pred_masks_high_res',
      score: 'object_score_logits',
      prompted: 'is_mask_from_pts',
      tokens: 'memory_tokens',
      positions: 'memory_pos_enc',
    },
    attention: { ...attention, answer: 'conditioned_features' },
  },
} satisfies Record<string, Names>;

export type BankForm = keyof typeof EXPORTS;

/** The bank's inputs of the memory attention: of one tensor, or of memories and pointers apart. */
export const BANK = {
  fixed: { memory: 'memory', positions: 'memory_pos' },
  dynamic: {
    spatial: 'spatial_memory',
    spatialPositions: 'spatial_memory_position_embeddings',
    pointers: 'pointer_memory',
    pointerPositions: 'pointer_memory_position_embeddings',
  },
} as const;
