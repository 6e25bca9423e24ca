"""BiRefNet with random weights for the bench `gpu`, as ONNX graphs of float32 and float16.

    python networks.py CHECKOUTS PHOTO FOLDER/NAME --network birefnet-lite [--size 1024]

Makes FOLDER/NAME.fp32.onnx and FOLDER/NAME.fp16.onnx. CHECKOUTS holds a
checkout of https://github.com/ZhengPeng7/BiRefNet named BiRefNet. Prints one line of JSON. Runs on the CPU: exporters
mix up devices elsewhere. Needs what birefnet.py needs.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.transformers.float16 import convert_float_to_float16
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from birefnet import OPSET, Logits, deform_conv, liven, load, tensor_of

# Pixels. With 2, as birefnet.py has it, random weights make a mask differ 100 times as much as the picture does, and
# what float16 rounds away would decide everything; with this it is 2 times.
OFFSETS = 0.1
BACKBONES = {"birefnet-lite": "swin_v1_t", "birefnet": "swin_v1_l"}


def birefnet(checkouts: Path, network: str, picture: torch.Tensor) -> torch.nn.Module:
    """The network where the picture is, answering logits; its weights behave like trained ones on that picture."""
    net = load((checkouts / "BiRefNet").absolute(), BACKBONES[network]).to(picture.device)
    liven(net, picture, OFFSETS)
    return Logits(net).requires_grad_(False)


def read(photo: Path, size: int) -> torch.Tensor:
    image = Image.open(photo).convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    return torch.from_numpy(tensor_of(image))


def fold(graph: Path) -> None:
    """Computes what the graph computes of constants, in place: in float16 nothing can do that any more."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(graph.with_suffix(".folded"))
    options.log_severity_level = 3
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    graph.with_suffix(".folded").rename(graph)


def run(graph: Path, picture: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input_image": picture})[0].astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--network", choices=BACKBONES, required=True)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--check", action="store_true", help="compare the answers of both graphs on the CPU")
    args = parser.parse_args()

    started = time.perf_counter()
    picture = read(args.photo, args.size)
    net = birefnet(args.checkouts, args.network, picture)
    torch.onnx.register_custom_op_symbolic("torchvision::deform_conv2d", deform_conv, OPSET)
    names = {"input_names": ["input_image"], "output_names": ["output_image"]}
    full, half = (args.out.with_name(f"{args.out.name}.{kind}.onnx") for kind in ("fp32", "fp16"))
    torch.onnx.export(net, (picture,), full, dynamo=False, opset_version=OPSET, **names)
    traced = time.perf_counter()
    fold(full)
    # Every operator has a kernel for float16 on a card.
    model = convert_float_to_float16(onnx.load(full), op_block_list=[], disable_shape_infer=True)
    onnx.save(model, half)
    answer = {
        "million weights": round(sum(each.numel() for each in net.parameters()) / 1e6, 1),
        "nodes": len(model.graph.node),
        "MB in fp32": round(full.stat().st_size / 1e6),
        "MB in fp16": round(half.stat().st_size / 1e6),
        "trace s": round(traced - started, 1),
        "whole s": round(time.perf_counter() - started, 1),
    }
    if args.check:
        values = picture.numpy()
        masks = [1 / (1 + np.exp(-run(graph, values.astype(kind)))) for graph, kind in ((full, "f4"), (half, "f2"))]
        answer["fp16 differs by"] = round(float(np.abs(masks[0] - masks[1]).mean()), 5)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
