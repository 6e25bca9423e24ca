"""Makes a tiny SAM 2.1 for video with random weights, and what transformers tracks with it.

    pip install torch transformers==5.24.0 onnx onnxscript onnxruntime
    python test/reference/sam2.py && npx prettier --write test/reference/sam2.json

The graphs have the names and shapes of the two exports that are published, at a size of kilobytes: with a memory bank of
one size (HF:square-zero-labs/sam2.1-tiny-video-onnx) and with one that grows (HF:jax-image-tools/sam21-tiny-video-onnx).
Both keep their weights in one file. transformers' own loop runs the same modules in PyTorch; its mask logits are what ours
are compared with.
"""

import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import torch
from diffusion import FIXTURES, HERE, rounded, shorten
from onnx import numpy_helper
from sam2_graphs import (
    POINTERS,
    Growing,
    GrowingAttention,
    MaskDecoder,
    MemoryAttention,
    MemoryEncoder,
    PointerTpos,
    VisionEncoder,
    pixels,
)
from transformers import Sam2VideoConfig, Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

FOLDER = FIXTURES / "tiny-sam2"
WEIGHTS = "weights.bin"
SIDE, HIDDEN, FRAMES = 128, 128, 20
# Chosen so that masks cover a tenth of the frame at least, and nine tenths at most.
SEED, SHIFT = 4, 0.0
# What is remembered weighs little, and logits are small: else the loop makes much of the last digits of a number.
GAIN, LOGITS, SCALE = 0.3, 0.06, 0.3
# Where a memory stands in time weighs more.
SHARP, TIME = 4, 4
GRID = SIDE // 16
# Frames in which something stands before the blob.
OCCLUDED = range(9, 13)
# Every third logit of a mask is kept.
STEP = 3


def configuration():
    stages = [8, 16, 32, 64]
    return Sam2VideoConfig(
        image_size=SIDE,
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": stages[0],
                "image_size": [SIDE, SIDE],
                "embed_dim_per_stage": stages,
                "blocks_per_stage": [1, 1, 2, 1],
                "num_attention_heads_per_stage": [1, 1, 2, 2],
                "window_size_per_stage": [8, 4, 4, 4],
                "global_attention_blocks": [3],
            },
            "backbone_channel_list": stages[::-1],
            "backbone_feature_sizes": [[4 * GRID] * 2, [2 * GRID] * 2, [GRID] * 2],
            "fpn_hidden_size": HIDDEN,
        },
        prompt_encoder_config={"hidden_size": HIDDEN, "image_size": SIDE, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": HIDDEN,
            "mlp_dim": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "attention_downsample_rate": 4,
            "iou_head_hidden_dim": 32,
        },
        memory_attention_hidden_size=HIDDEN,
        memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[GRID, GRID],
        memory_encoder_hidden_size=HIDDEN,
        mask_downsampler_embed_dim=HIDDEN,
        mask_downsampler_stride=4,
        memory_fuser_embed_dim=HIDDEN,
        memory_fuser_intermediate_dim=32,
        memory_fuser_num_layers=1,
        memory_fuser_layer_scale_init_value=0.5,
    )


def gain(name):
    if not name.startswith("memory"):
        return 1.3
    return SHARP if "cross_attn" in name and ("q_proj" in name or "k_proj" in name) else GAIN


def build(seed):
    torch.manual_seed(seed)
    model = Sam2VideoModel(configuration()).eval().requires_grad_(False)
    for name, weight in model.named_parameters():
        if weight.dim() > 1 and "embed" not in name and "token" not in name:
            fan = weight[0].numel() if weight.shape[0] > 1 else weight.numel()
            weight.normal_(0, gain(name) / fan**0.5)
        elif weight.dim() > 1:
            weight.normal_(0, 1)
        elif name.endswith("bias"):
            weight.normal_(0, 0.1)
    for name in ("memory_temporal_positional_encoding", "no_memory_embedding", "no_object_pointer"):
        getattr(model, name).normal_(0, 0.5)
    model.memory_temporal_positional_encoding.mul_(TIME)
    model.temporal_positional_encoding_projection_layer.weight.mul_(TIME)
    model.occlusion_spatial_embedding_parameter.normal_(0, 0.5)
    for mlp in model.mask_decoder.output_hypernetworks_mlps:
        mlp.proj_out.weight.mul_(LOGITS)
        mlp.proj_out.bias.add_(SHIFT)
        mlp.proj_out.weight.mul_(SCALE)
        mlp.proj_out.bias.mul_(SCALE)
    return halved(model)


def halved(model):
    """Weights that float16 holds exactly: the file is half as large."""
    for weight in model.parameters():
        weight.copy_(weight.half().float())
    return model


def clip():
    """A blob that goes from left to right; test/tracking/support.ts makes the same."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    frames = []
    for frame in range(FRAMES):
        centre = 20 + 5 * frame
        picture = np.stack([40 + x // 2, 60 + y // 2, np.full_like(x, 90)], -1)
        blob = (x - centre) ** 2 + (y - 64) ** 2 < 24**2
        picture[blob] = [230, 60, 40]
        if frame in OCCLUDED:
            picture[abs(x - centre) < 40] = [250, 250, 250]
        frames.append(picture.astype(np.uint8))
    return frames


def track(model, frame, points, labels, directions):
    """Mask logits and object scores of one prompt, by frame, as transformers' processor hands it on."""
    session = Sam2VideoInferenceSession(
        video=pixels(clip()), video_height=SIDE, video_width=SIDE, dtype=torch.float32, max_vision_features_cache_size=FRAMES
    )
    # What is seen of a frame is the same for every prompt.
    session.cache = model.__dict__.setdefault("seen", session.cache)
    index = session.obj_id_to_idx(1)
    coords = torch.tensor(points, dtype=torch.float32)[None, None]
    inputs = {"point_coords": coords, "point_labels": torch.tensor(labels, dtype=torch.int32)[None, None]}
    session.add_point_inputs(index, frame, inputs)
    session.obj_with_new_inputs = [1]
    found = {}
    model(session, frame_idx=frame)
    for reverse in directions:
        for out in model.propagate_in_video_iterator(session, start_frame_idx=frame, reverse=reverse):
            found[out.frame_idx] = (out.pred_masks.numpy().ravel(), float(out.object_score_logits))
    return [found[i] for i in range(FRAMES)]


CASES = {
    "forwards": (0, [[20, 64]], [1], [False]),
    "backwards": (19, [[115, 64]], [1], [True]),
    "both": (8, [[60, 70]], [1], [False, True]),
    "points": (6, [[50, 64], [100, 20], [44, 72]], [1, 0, 1], [False, True]),
    "box": (7, [[31, 40], [79, 88]], [2, 3], [False, True]),
}


class Weights:
    """One file for the weights of all graphs, each kept once."""

    def __init__(self):
        self.bytes, self.places = bytearray(), {}

    def add(self, raw):
        key = hashlib.sha256(raw).digest()
        if key not in self.places:
            self.places[key] = len(self.bytes)
            self.bytes += raw
        return self.places[key]


def export(name, module, inputs, outputs, axes, weights):
    path = FOLDER / f"{name}.onnx"
    # The exporter leaves a module, and the model in it, in the mode that it was in.
    module.eval()
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        expected = module(*inputs.values())
    model = onnx.load(path)
    shorten(model.graph)
    constants_to_weights(model.graph)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.nbytes < 256:
            continue
        if values.dtype == np.float32 and (values == values.astype(np.float16)).all():
            casts.append(onnx.helper.make_node("Cast", [f"{tensor.name}h"], [tensor.name], to=1))
            values = values.astype(np.float16)
            tensor.name, tensor.data_type = f"{tensor.name}h", onnx.TensorProto.FLOAT16
        raw = values.tobytes()
        entries = {"location": WEIGHTS, "offset": weights.add(raw), "length": len(raw)}
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=str(value))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    path.write_bytes(model.SerializeToString())
    (FOLDER / WEIGHTS).write_bytes(weights.bytes)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = session.run(outputs, {key: value.numpy() for key, value in inputs.items()})
    for answer, want in zip(answers, expected if isinstance(expected, tuple) else (expected,)):
        away = np.abs(answer - want.numpy()).max()
        assert away < 1e-3 * max(1, np.abs(answer).max()), (name, away)


def constants_to_weights(graph):
    """Large constants lie in the weights, too."""
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        tensor = node.attribute[0].t
        if len(tensor.raw_data) >= 256:
            tensor.name = node.output[0]
            graph.initializer.append(tensor)
            graph.node.remove(node)


def export_all(model):
    FOLDER.mkdir(parents=True, exist_ok=True)
    weights = Weights()
    image = {"pixel_values": pixels(clip()[:1])}
    names = ["feats0", "feats1", "feats2"]
    export("vision_encoder", VisionEncoder(model, True), image, [*names, "feats2_no_mem", "vision_pos_embed"], {}, weights)
    export("dynamic_vision_encoder", VisionEncoder(model, False), image, [*names, "pos0", "pos1", "pos2"], {}, weights)
    with torch.no_grad():
        feats = [value + 0 for value in VisionEncoder(model, True)(image["pixel_values"])]
    points = {
        "input_points": torch.tensor([[[[20.0, 64.0], [90.0, 90.0]]]]),
        "input_labels": torch.tensor([[[1, 0]]], dtype=torch.int32),
    }
    axes = {"input_points": {2: "points"}, "input_labels": {2: "points"}}
    inputs = {"feats0": feats[0], "feats1": feats[1], "feats2_cond": feats[3], **points}
    outputs = ["low_res_mask", "high_res_mask", "iou", "object_score_logits", "object_pointer"]
    export("mask_decoder", MaskDecoder(model, False), inputs, outputs, axes, weights)
    inputs = {"feats0": feats[0], "feats1": feats[1], "feats2": feats[3], **points}
    outputs = ["pred_masks", "high_res_masks", "iou_scores", "object_pointer", "object_score_logits"]
    export("dynamic_mask_decoder", MaskDecoder(model, True), inputs, outputs, axes, weights)
    mask = torch.randn(1, 1, SIDE, SIDE)
    inputs = {
        "feats2": feats[2],
        "high_res_mask": mask,
        "object_score_logits": torch.tensor([[2.0]]),
        "binarize": torch.tensor(1.0),
    }
    export("memory_encoder", MemoryEncoder(model), inputs, ["memory_tokens", "memory_pos"], {}, weights)
    inputs = {
        "vision_features": feats[2],
        "pred_masks_high_res": mask,
        "object_score_logits": torch.tensor([[-2.0]]),
        "is_mask_from_pts": torch.tensor([True]),
    }
    export("dynamic_memory_encoder", Growing(model), inputs, ["memory_tokens", "memory_pos_enc"], {}, weights)
    cells, split = GRID * GRID, HIDDEN // model.mem_dim
    current = {
        "current_vision_features": torch.randn(cells, 1, HIDDEN),
        "current_vision_position_embeddings": torch.randn(cells, 1, HIDDEN),
    }
    rows = model.num_maskmem * cells + POINTERS * split
    bank = {name: torch.randn(rows, 1, model.mem_dim) for name in ("memory", "memory_pos")}
    export("memory_attention", MemoryAttention(model), {**current, **bank}, ["conditioned_feats"], {}, weights)
    sizes = {"spatial": 3 * cells, "pointer": 5 * split}
    bank = {
        f"{kind}_memory{part}": torch.randn(size, 1, model.mem_dim)
        for kind, size in sizes.items()
        for part in ("", "_position_embeddings")
    }
    axes = {name: {0: f"{name.split('_')[0]}_rows"} for name in bank}
    export("dynamic_memory_attention", GrowingAttention(model), {**current, **bank}, ["conditioned_features"], axes, weights)
    export("pointer_tpos", PointerTpos(model), {"normalized_diffs": torch.rand(POINTERS)}, ["pointer_pos"], {}, weights)
    short = lambda values: rounded(values.flatten(), 8)
    temporal = [short(row) for row in model.memory_temporal_positional_encoding]
    projection = model.temporal_positional_encoding_projection_layer
    constants = {"image_size": SIDE, "memory_temporal_positional_encoding": temporal}
    (FOLDER / "constants.json").write_text(json.dumps(constants) + "\n")
    learned = {
        "no_memory_embedding": short(model.no_memory_embedding),
        "temporal_positional_encoding_projection_layer": {
            "weight": [short(row) for row in projection.weight],
            "bias": short(projection.bias),
        },
    }
    (FOLDER / "dynamic_constants.json").write_text(json.dumps({**constants, **learned}) + "\n")


def teach_scores(model):
    """Fits the last layer of the object score to what is seen: below 0 where the blob is covered, and only there."""
    last = model.mask_decoder.pred_obj_score_head.proj_out
    seen, wanted = [], []
    hook = last.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].flatten()))
    targets = torch.tensor([-3.0 if frame in OCCLUDED else 3.0 for frame in range(FRAMES)])
    for _ in range(8):
        right = True
        for case in CASES.values():
            found = track(model, *case)
            right &= all(score * target > 1.5 for (_, score), target in zip(found, targets))
            wanted += [targets[frame] for frame in order(case)]
        if right:
            hook.remove()
            return True
        rows = torch.cat([torch.stack(seen), torch.ones(len(seen), 1)], 1).double()
        ridge = 1e-3 * torch.eye(rows.shape[1], dtype=torch.float64)
        solved = torch.linalg.solve(rows.T @ rows + ridge, rows.T @ torch.stack(wanted).double()).float()
        last.weight.copy_(solved[None, :-1])
        last.bias.copy_(solved[-1:])
        halved(last)
    return False


def order(case):
    """Frames of a case in the order in which they are decoded."""
    frame, _, _, directions = case
    after = range(frame + 1, FRAMES) if False in directions else []
    return [frame, *after, *(range(frame - 1, -1, -1) if True in directions else [])]


def coverage(found):
    return [float((mask > 0).mean()) for mask, score in found if score > 0]


if __name__ == "__main__":
    torch.set_num_threads(1)
    model = build(SEED)
    assert teach_scores(model), "choose another seed"
    results = {}
    for name, case in CASES.items():
        found = track(model, *case)
        shares = coverage(found)
        print(name, [round(score, 2) for _, score in found], f"{min(shares):.2f}..{max(shares):.2f}")
        assert 0.1 < min(shares) and max(shares) < 0.9, name
        results[name] = {
            "frame": case[0],
            "points": case[1],
            "labels": case[2],
            "scores": rounded([score for _, score in found]),
            "logits": [rounded(mask[::STEP]) for mask, _ in found],
        }
    export_all(model)
    (HERE / "sam2.json").write_text(json.dumps(results) + "\n")
