"""SAM 2.1 Tiny for video with random weights at its real size, for the bench `gpu`.

    python sam2.py graphs FOLDER              graphs and constants.json, as the entry sam2.1-tiny has them
    python sam2.py loop FRAMES cuda|cpu       transformers' own loop with the same weights; a line of JSON a precision

Graphs are made on the CPU. The clip is the one of tracking.ts: a disc that goes from left to right.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import Sam2VideoConfig, Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "reference"))
from sam2_graphs import MaskDecoder, MemoryAttention, MemoryEncoder, POINTERS, PointerTpos, VisionEncoder, pixels

SIDE = 1024


def build():
    torch.manual_seed(4)
    model = Sam2VideoModel(Sam2VideoConfig()).eval().requires_grad_(False)
    # Random weights would call the object absent in some frames, and no work be done for those.
    model.mask_decoder.pred_obj_score_head.proj_out.bias.fill_(10)
    return model


def clip(frames):
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for frame in range(frames):
        picture = np.stack([40 + x // 8, 60 + y // 8, np.full_like(x, 90)], -1)
        picture[(x - 200 - 8 * frame) ** 2 + (y - 512) ** 2 < 150**2] = [230, 60, 40]
        yield picture.astype(np.uint8)


def export(folder, name, module, inputs, outputs, axes=None):
    torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        str(folder / f"{name}.onnx"),
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes=axes or {},
        opset_version=17,
        dynamo=False,
    )


def graphs(folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = build()
    image = {"pixel_values": pixels(list(clip(1)))}
    names = ["feats0", "feats1", "feats2", "feats2_no_mem", "vision_pos_embed"]
    vision = VisionEncoder(model, True)
    export(folder, "vision_encoder", vision, image, names)
    feats = [value + 0 for value in vision(image["pixel_values"])]
    points = {
        "input_points": torch.tensor([[[[200.0, 512.0], [900.0, 900.0]]]]),
        "input_labels": torch.tensor([[[1, 0]]], dtype=torch.int32),
    }
    inputs = {"feats0": feats[0], "feats1": feats[1], "feats2_cond": feats[3], **points}
    outputs = ["low_res_mask", "high_res_mask", "iou", "object_score_logits", "object_pointer"]
    axes = {"input_points": {2: "points"}, "input_labels": {2: "points"}}
    export(folder, "mask_decoder", MaskDecoder(model, False), inputs, outputs, axes)
    inputs = {
        "feats2": feats[2],
        "high_res_mask": torch.randn(1, 1, SIDE, SIDE),
        "object_score_logits": torch.tensor([[2.0]]),
        "binarize": torch.tensor(1.0),
    }
    export(folder, "memory_encoder", MemoryEncoder(model), inputs, ["memory_tokens", "memory_pos"])
    cells, hidden = (SIDE // 16) ** 2, model.hidden_dim
    rows = model.num_maskmem * cells + POINTERS * hidden // model.mem_dim
    inputs = {
        "current_vision_features": torch.randn(cells, 1, hidden),
        "current_vision_position_embeddings": torch.randn(cells, 1, hidden),
        "memory": torch.randn(rows, 1, model.mem_dim),
        "memory_pos": torch.randn(rows, 1, model.mem_dim),
    }
    export(folder, "memory_attention", MemoryAttention(model), inputs, ["conditioned_feats"])
    inputs = {"normalized_diffs": torch.rand(POINTERS)}
    export(folder, "pointer_tpos", PointerTpos(model), inputs, ["pointer_pos"])
    temporal = model.memory_temporal_positional_encoding.flatten(1).tolist()
    constants = {"image_size": SIDE, "memory_temporal_positional_encoding": temporal}
    (folder / "constants.json").write_text(json.dumps(constants))


def loop(frames, device):
    model = build().to(device)
    video = pixels(list(clip(frames)))
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    kinds = {"float32": None} | ({"bfloat16": torch.bfloat16} if device == "cuda" else {})
    for kind, dtype in kinds.items():
        for warm in (True, False):
            session = Sam2VideoInferenceSession(
                video=video, video_height=SIDE, video_width=SIDE, inference_device=device, dtype=torch.float32
            )
            session.obj_id_to_idx(1)
            inputs = {
                "point_coords": torch.tensor([[[[200.0, 512.0]]]], device=device),
                "point_labels": torch.tensor([[[1]]], dtype=torch.int32, device=device),
            }
            session.add_point_inputs(0, 0, inputs)
            session.obj_with_new_inputs = [1]
            with torch.inference_mode(), torch.autocast(device, dtype, enabled=dtype is not None):
                model(session, frame_idx=0)
                wait()
                start = time.perf_counter()
                seen = 0
                for out in model.propagate_in_video_iterator(session, start_frame_idx=0):
                    out.pred_masks.float().cpu()
                    seen += 1
                    if warm and seen == 10:
                        break
                wait()
                seconds = time.perf_counter() - start
        peak = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else 0
        print(json.dumps({"precision": kind, "framesPerSecond": seen / seconds, "peakMb": round(peak)}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "graphs":
        with torch.no_grad():
            graphs(Path(sys.argv[2]))
    else:
        loop(int(sys.argv[2]), sys.argv[3])
