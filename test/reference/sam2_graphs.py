"""The parts of transformers' SAM 2.1 for video, cut as the two published exports cut them (see sam2.py)."""

import numpy as np
import torch
from transformers.models.sam2_video.modeling_sam2_video import get_1d_sine_pe

POINTERS = 16
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def pixels(frames):
    stack = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2).float() / 255
    return (stack - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


class VisionEncoder(torch.nn.Module):
    def __init__(self, model, no_memory):
        super().__init__()
        self.model, self.no_memory = model, no_memory
        with torch.no_grad():
            side = model.config.image_size
            self.positions = model.vision_encoder(torch.zeros(1, 3, side, side)).fpn_position_encoding
            backbone = model.vision_encoder.backbone
            # Depends on the size only; traced, it brings branches.
            places = backbone._get_pos_embed((side // 4, side // 4))
        backbone._get_pos_embed = lambda _: places

    def forward(self, pixel_values):
        m = self.model
        fine, middle, coarse = m.vision_encoder(pixel_values).fpn_hidden_states[:3]
        feats = m.mask_decoder.conv_s0(fine), m.mask_decoder.conv_s1(middle), coarse
        if self.no_memory:
            return *feats, coarse + m.no_memory_embedding.view(1, -1, 1, 1), self.positions[2] + 0
        return *feats, *(position + 0 for position in self.positions)


class MaskDecoder(torch.nn.Module):
    """Several masks to choose of for one point or none; the growing bank's export has no other way."""

    def __init__(self, model, always_several):
        super().__init__()
        self.model, self.always_several = model, always_several

    def decode(self, feats, points, labels, several):
        return self.model._single_frame_forward(
            input_points=points, input_labels=labels, image_embeddings=list(feats), multimask_output=several
        )

    def forward(self, feats0, feats1, feats2, input_points, input_labels):
        feats = feats0, feats1, feats2
        many = self.decode(feats, input_points, input_labels, True)
        if self.always_several:
            return many.pred_masks, many.high_res_masks, many.iou_scores, many.object_pointer, many.object_score_logits
        one = self.decode(feats, input_points, input_labels, False)
        several = (input_labels != -1).sum() <= 1
        choose = lambda a, b: torch.where(several, a, b)
        return (
            choose(many.pred_masks, one.pred_masks),
            choose(many.high_res_masks, one.high_res_masks),
            choose(many.iou_scores.amax(-1), one.iou_scores.amax(-1)),
            many.object_score_logits,
            choose(many.object_pointer, one.object_pointer),
        )


class MemoryEncoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, feats2, high_res_mask, object_score_logits, binarize):
        m = self.model
        mask = torch.where(binarize > 0.5, (high_res_mask > 0).float(), torch.sigmoid(high_res_mask))
        features, positions = m.memory_encoder(
            feats2, mask * m.config.sigmoid_scale_for_mem_enc + m.config.sigmoid_bias_for_mem_enc
        )
        gone = (object_score_logits <= 0).float().view(1, 1, 1, 1)
        features = features + gone * m.occlusion_spatial_embedding_parameter.view(1, -1, 1, 1)
        return features.flatten(2).permute(2, 0, 1), positions.flatten(2).permute(2, 0, 1) + 0


class Growing(MemoryEncoder):
    def forward(self, vision_features, pred_masks_high_res, object_score_logits, is_mask_from_pts):
        return super().forward(vision_features, pred_masks_high_res, object_score_logits, is_mask_from_pts.float())


class MemoryAttention(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def attend(self, features, positions, memory, memory_positions, pointers):
        return self.model.memory_attention(
            current_vision_features=features,
            current_vision_position_embeddings=positions,
            memory=memory,
            memory_posision_embeddings=memory_positions,
            num_object_pointer_tokens=pointers,
        )

    def forward(self, features, positions, memory, memory_pos):
        hidden, grid = self.model.hidden_dim, self.model.config.image_size // 16
        pointers = POINTERS * hidden // self.model.mem_dim
        out = self.attend(features, positions, memory, memory_pos, pointers)
        return out.squeeze(1).transpose(1, 2).reshape(1, hidden, grid, grid)


class GrowingAttention(MemoryAttention):
    def forward(self, features, positions, spatial, spatial_positions, pointers, pointer_positions):
        memory = torch.cat([spatial, pointers])
        memory_positions = torch.cat([spatial_positions, pointer_positions])
        return self.attend(features, positions, memory, memory_positions, pointers.shape[0])


class PointerTpos(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, normalized_diffs):
        angles = get_1d_sine_pe(normalized_diffs, dim=self.model.hidden_dim)
        return self.model.temporal_positional_encoding_projection_layer(angles)
