"""Makes a tiny graph for every family of the shelf with the real tensor contract (names, layouts, number formats,
activations), and what numpy gets out of it: test/fixtures/models/contracts.json and contract-*.onnx.

    pip install onnx onnxruntime numpy
    python test/reference/contracts.py && npx prettier --write test/fixtures/models/contracts.json

Only the side of the picture is smaller than the real one; `realSize` has that. Sources, by family:
  u2net, u2netp, silueta   xuebinqin/U-2-Net: ToTensorLab divides by the picture's own maximum; normPRED is min-max
  isnet                    xuebinqin/DIS: /255, mean .5, std 1, min-max of the first output; as exported by imgly:
                           (x - 128) / 256, output 0..1, five more maps and six feature maps
  birefnet                 ZhengPeng7/BiRefNet: ImageNet, logits; DeformConv is a standard operator since opset 19.
                           ONNX-CUDA export: float16 both ways, IMAGE to ALPHA with the sigmoid inside
  rmbg-2.0, rmbg-1.4       briaai: ImageNet, pixel_values to alphas; 1.4 mean .5, std 1
  ben2                     PramaLLC/BEN2 onnx_run.py: ToTensor alone (/255), float16 answer, min-max
  modnet                   ZHKKKe/MODNet: shorter side 512, multiples of 32, mean .5, std .5
  ormbg                    schirrmacher/ormbg inference.py: /255 alone
"""

import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

from tiny_models import FOLDER, IMAGENET, kernel, picture, sigmoid

FLOATS = {"float32": (TensorProto.FLOAT, np.float32), "float16": (TensorProto.FLOAT16, np.float16)}
HALF = {"mean": [0.5] * 3, "std": [0.5] * 3}
CENTRED = {"mean": [0.5] * 3, "std": [1.0] * 3}
BARE = {"mean": [0.0] * 3, "std": [1.0] * 3}
# (x - 128) / 256 = (x / 255 - 128 / 255) / (256 / 255)
IMGLY = {"mean": [round(128 / 255, 9)] * 3, "std": [round(256 / 255, 9)] * 3}

U2NET = {
    "realSize": 320,
    "input": {**IMAGENET, "range": "peak"},
    "output": {"tensor": 0, "normalise": "minmax"},
    "graph": {"inputs": "input.1", "outputs": ["1959", "1960", "1961", "1962", "1963", "1964", "1965"]},
}
BIREFNET = {
    "realSize": 1024,
    "input": IMAGENET,
    "output": {"tensor": 0, "activation": "sigmoid"},
    "graph": {"inputs": "input_image", "outputs": ["output_image"], "logits": True},
}

CONTRACTS = {
    "u2net": U2NET,
    "u2netp": U2NET,
    "silueta": U2NET,
    "isnet-general": {
        "realSize": 1024,
        "input": CENTRED,
        "output": {"tensor": 0, "normalise": "minmax"},
        "graph": {"inputs": "input_image", "outputs": ["output_image", "1", "2", "3", "4", "5"]},
    },
    "isnet": {
        "realSize": 1024,
        "input": IMGLY,
        "output": {"tensor": "output"},
        "graph": {"inputs": "input", "outputs": ["output", "1890", "1891", "1892", "1893", "1894"], "features": 6},
    },
    "birefnet-lite": {**BIREFNET, "graph": {**BIREFNET["graph"], "deform": True}},
    "birefnet": BIREFNET,
    "birefnet-hr-matting": {**BIREFNET, "realSize": 2048},
    "birefnet-cuda": {
        "realSize": 1024,
        "input": IMAGENET,
        "output": {"tensor": "ALPHA"},
        "graph": {"inputs": "IMAGE", "outputs": ["ALPHA"], "feed": "float16", "answer": "float16", "batch": "b"},
    },
    "rmbg-2.0": {
        "realSize": 1024,
        "input": IMAGENET,
        "output": {"tensor": "alphas"},
        "graph": {"inputs": "pixel_values", "outputs": ["alphas"], "batch": "batch_size"},
    },
    "rmbg-1.4": {
        "realSize": 1024,
        "input": CENTRED,
        "output": {"tensor": 0, "normalise": "minmax"},
        "graph": {"inputs": "input", "outputs": ["output"]},
    },
    "ben2": {
        "realSize": 1024,
        "input": BARE,
        "output": {"tensor": 0, "normalise": "minmax"},
        "graph": {"inputs": "input", "outputs": ["output"], "answer": "float16", "scale": 7.0},
    },
    "modnet": {
        "realSize": 512,
        "size": 64,
        "input": {**HALF, "resize": "short-edge"},
        "output": {"tensor": "output"},
        "graph": {"inputs": "input", "outputs": ["output"], "batch": "batch_size", "open": True},
    },
    "ormbg": {
        "realSize": 1024,
        "input": BARE,
        "output": {"tensor": 0},
        "graph": {"inputs": "input", "outputs": ["output"]},
    },
}
SIZE = 16
# A modnet picture whose shorter side fits already and whose longer one is a multiple of 32: nothing is resampled.
MODNET = (96, 64)


def photo(width, height):
    """As test/models/support.ts makes it, but no brighter than 199, so that `peak` differs from `byte`."""
    return picture(max(width, height))[:height, :width] % 200


def feeds(rgb, mean, std, range="byte", **_):
    top = max(1, rgb.max()) if range == "peak" else 255
    values = (rgb / top - np.array(mean)) / np.array(std)
    return values.transpose(2, 0, 1)[None]


def convolve(values, weights, bias, shift=0):
    """3x3 cross-correlation with a border of zeros; every tap reads `shift` pixels further right."""
    _, _, height, width = values.shape
    padded = np.pad(values[0].astype(np.float64), ((0, 0), (1, 1), (1, 1 + shift)))
    out = np.full((height, width), bias, np.float64)
    for c in range(3):
        for dy in range(3):
            for dx in range(3):
                out += weights[0, c, dy, dx] * padded[c, dy : dy + height, dx + shift : dx + shift + width]
    return out


def build(name, contract, size):
    options = contract["graph"]
    feed, answer = options.get("feed", "float32"), options.get("answer", "float32")
    deform = options.get("deform", False)
    weights = kernel(7, 0.5)
    nodes, source = [], options["inputs"]
    if feed != "float32":
        nodes.append(helper.make_node("Cast", [source], ["wide"], to=TensorProto.FLOAT))
        source = "wide"
    initial = {"w": weights, "b": np.array([-0.1], np.float32), "scale": np.array([options.get("scale", 1.0)], np.float32)}
    if deform:
        offsets = np.zeros((1, 18, size, size), np.float32)
        offsets[:, 1::2] = 1  # (y, x) for each of the nine taps
        initial["offset"] = offsets
        nodes.append(helper.make_node("DeformConv", [source, "w", "offset", "b"], ["conv"], pads=[1, 1, 1, 1]))
    else:
        nodes.append(helper.make_node("Conv", [source, "w", "b"], ["conv"], pads=[1, 1, 1, 1]))
    last = "conv"
    if not options.get("logits"):
        nodes.append(helper.make_node("Sigmoid", ["conv"], ["sigmoid"]))
        last = "sigmoid"
    nodes.append(helper.make_node("Mul", [last, "scale"], ["map"]))
    outputs = options["outputs"]
    to = FLOATS[answer][0]
    nodes.append(helper.make_node("Cast", ["map"], [outputs[0]], to=to))
    # Side outputs differ from the first, so that taking a wrong one shows.
    for other in outputs[1:]:
        nodes.append(helper.make_node("Mul", [outputs[0], outputs[0]], [other]))
    batch = options.get("batch", 1)
    sides = ["height", "width"] if options.get("open") else [size, size]
    infos = [helper.make_tensor_value_info(n, to, [batch, 1, *sides]) for n in outputs]
    for i in range(options.get("features", 0)):
        side = size >> min(i + 1, 3)
        initial[f"pool{i}"] = np.ones((64, 3, 1, 1), np.float32)
        nodes.append(helper.make_node("Conv", [source, f"pool{i}"], [f"input.{i}"], strides=[size // side] * 2))
        infos.append(helper.make_tensor_value_info(f"input.{i}", TensorProto.FLOAT, [1, 64, side, side]))
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(options["inputs"], FLOATS[feed][0], [batch, 3, *sides])],
        infos,
        [numpy_helper.from_array(value, key) for key, value in initial.items()],
    )
    opset = helper.make_opsetid("", 19 if deform else 17)
    model = helper.make_model(graph, opset_imports=[opset], producer_name="vitrine-tests")
    model.ir_version = 9
    checker.check_model(model, full_check=True)
    path = FOLDER / f"contract-{name}.onnx"
    onnx.save(model, path)
    return path, weights


def expected(name, contract):
    options = contract["graph"]
    size = contract.get("size", SIZE)
    width, height = MODNET if options.get("open") else (size, size)
    path, weights = build(name, contract, size)
    values = feeds(photo(width, height), **contract["input"])
    kind = FLOATS[options.get("feed", "float32")][1]
    raw = convolve(values.astype(kind), weights, -0.1, shift=1 if options.get("deform") else 0)
    if not options.get("logits"):
        raw = sigmoid(raw)
    raw = (raw * options.get("scale", 1.0)).astype(FLOATS[options.get("answer", "float32")][1])
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answer = session.run([options["outputs"][0]], {options["inputs"]: values.astype(kind)})[0]
    tolerance = 2e-2 if options.get("answer") else 1e-4
    assert np.abs(answer[0, 0].astype(float) - raw).max() < tolerance, name
    alpha = raw.astype(np.float64)
    if contract["output"].get("activation") == "sigmoid":
        alpha = sigmoid(alpha)
    if contract["output"].get("normalise") == "minmax":
        alpha = (alpha - alpha.min()) / (alpha.max() - alpha.min())
    return {
        "realSize": contract["realSize"],
        "size": size,
        "width": width,
        "height": height,
        "input": contract["input"],
        "output": contract["output"],
        "alpha": np.round(alpha, 4).ravel().tolist(),
    }


if __name__ == "__main__":
    cases = {name: expected(name, contract) for name, contract in CONTRACTS.items() if name not in ("u2netp", "silueta")}
    (FOLDER / "contracts.json").write_text(json.dumps(cases) + "\n")
