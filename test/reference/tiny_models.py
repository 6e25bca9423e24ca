"""Makes the tiny ONNX graphs of test/fixtures/models and the numbers that the tests compare with.

    pip install onnx onnxruntime numpy
    python test/reference/tiny_models.py && npx prettier --write test/fixtures/models/expected.json

The expected numbers come from numpy alone; onnxruntime must agree with them before anything is written.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "models"
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
PLAIN = {"mean": [0.5, 0.5, 0.5], "std": [1.0, 1.0, 1.0]}


def picture(size):
    """A square with every byte value, different in each direction and channel: test/models/support.ts makes the same."""
    y, x, c = np.mgrid[0:size, 0:size, 0:3]
    return ((x * 7 + y * 13 + c * 29 + x * y) % 256).astype(np.uint8)


def tensor(rgb, mean, std):
    values = (rgb / 255.0 - np.array(mean)) / np.array(std)
    return values.transpose(2, 0, 1)[None].astype(np.float32)


def kernel(step, scale):
    """A 3x3 kernel for three channels without any symmetry, so that swapped axes or channels show."""
    return ((((np.arange(27) * step) % 13) - 6) * scale / 13).reshape(1, 3, 3, 3).astype(np.float32)


def convolve(values, weights, bias):
    """Cross-correlation with a border of zeros, as ONNX Conv defines it."""
    size = values.shape[-1]
    padded = np.pad(values[0].astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    out = np.full((size, size), bias, np.float64)
    for c in range(3):
        for dy in range(3):
            for dx in range(3):
                out += weights[0, c, dy, dx] * padded[c, dy : dy + size, dx : dx + size]
    return out


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def save(name, nodes, inputs, outputs, weights, beside=None):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs],
        [numpy_helper.from_array(np.asarray(value, np.float32), key) for key, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="vitrine-tests")
    model.ir_version = 8
    checker.check_model(model, full_check=True)
    path = FOLDER / f"{name}.onnx"
    if beside:
        onnx.save(model, path, save_as_external_data=True, location=beside, size_threshold=0)
    else:
        onnx.save(model, path)
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def agree(session, feed, output, expected):
    name = session.get_inputs()[0].name
    answer = session.run([output], {name: feed})[0].reshape(expected.shape)
    assert np.abs(answer - expected).max() < 1e-4, (output, np.abs(answer - expected).max())


def logits():
    """A network with one output of logits: the sigmoid is ours to apply (BiRefNet's contract)."""
    size, weights, bias = 32, kernel(7, 0.5), -0.4
    session = save(
        "logits",
        [helper.make_node("Conv", ["image", "w", "b"], ["logits"], pads=[1, 1, 1, 1])],
        [("image", [1, 3, size, size])],
        [("logits", [1, 1, size, size])],
        {"w": weights, "b": [bias]},
    )
    feed = tensor(picture(size), **IMAGENET)
    raw = convolve(feed, weights, bias)
    agree(session, feed, "logits", raw)
    return {"size": size, **IMAGENET, "raw": raw, "alpha": sigmoid(raw)}


def outputs():
    """A network with four outputs, the sigmoid inside and min-max outside (U2Net's and ISNet's contract)."""
    size, weights, bias = 24, kernel(5, 0.5), 0.1
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["conv"], pads=[1, 1, 1, 1]),
        helper.make_node("Sigmoid", ["conv"], ["d0"]),
        helper.make_node("Mul", ["d0", "half"], ["d1"]),
        helper.make_node("Squeeze", ["d1", "axis"], ["flat"]),
        helper.make_node("Concat", ["d0", "d1"], ["pair"], axis=1),
    ]
    names = [
        ("d0", ["batch", 1, size, size]),
        ("d1", ["batch", 1, size, size]),
        ("flat", ["batch", size, size]),
        ("pair", ["batch", 2, size, size]),
    ]
    graph_weights = {"w": weights, "b": [bias], "half": [0.5]}
    nodes.insert(0, helper.make_node("Constant", [], ["axis"], value_ints=[1]))
    session = save("outputs", nodes, [("x", ["batch", 3, size, size])], names, graph_weights)
    feed = tensor(picture(size), **PLAIN)
    raw = sigmoid(convolve(feed, weights, bias))
    agree(session, feed, "d0", raw)
    agree(session, feed, "flat", raw / 2)
    alpha = (raw - raw.min()) / (raw.max() - raw.min())
    return {"size": size, **PLAIN, "raw": raw, "alpha": alpha}


def bright():
    """A network that really cuts: logits of how much brighter than mid-grey a pixel is."""
    size = 64
    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, :, 0, 0] = [6, 10, 4]
    save(
        "bright",
        [helper.make_node("Conv", ["input", "w"], ["output"])],
        [("input", [1, 3, size, size])],
        [("output", [1, 1, size, size])],
        {"w": weights},
    )


def whole():
    """RMBG 2.0 and BiRefNet at their real size, names and activations: what is less green than mid-grey is product."""
    size = 1024
    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, 1] = -6
    conv = helper.make_node("Conv", ["pixel_values", "w"], ["logits"])
    sigmoid_node = helper.make_node("Sigmoid", ["logits"], ["alphas"])
    sides = [size, size]
    save(
        "whole-rmbg-2.0",
        [conv, sigmoid_node],
        [("pixel_values", ["batch_size", 3, *sides])],
        [("alphas", ["batch_size", 1, *sides])],
        {"w": weights},
    )
    save(
        "whole-birefnet",
        [helper.make_node("Conv", ["input_image", "w"], ["output_image"])],
        [("input_image", [1, 3, *sides])],
        [("output_image", [1, 1, *sides])],
        {"w": weights},
    )


def decoder():
    """
    The ends of a U-Net's decoder: convolutions of joined tensors, one of three and one whose join is read twice, and
    convolutions to a single channel, one with an uneven frame and no bias.
    """
    size = 20
    random = np.random.default_rng(7)

    def weights(*shape):
        return random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)

    pads = {"pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["x", "w_high"], ["high_sum"]),
        helper.make_node("Relu", ["high_sum"], ["high"]),
        helper.make_node("MaxPool", ["high"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["pooled", "w_low"], ["low_sum"]),
        helper.make_node("Relu", ["low_sum"], ["low"]),
        helper.make_node("Resize", ["low", "", "scales"], ["up"], mode="linear"),
        helper.make_node("Concat", ["up", "high"], ["two"], axis=1),
        helper.make_node("Conv", ["two", "w_two", "b_two"], ["two_sum"], **pads),
        helper.make_node("Relu", ["two_sum"], ["both"]),
        helper.make_node("Concat", ["both", "high", "both"], ["three"], axis=1),
        helper.make_node("Conv", ["three", "w_three"], ["all"], **pads),
        helper.make_node("Conv", ["all", "w_head", "b_head"], ["logits"], **pads),
        helper.make_node("Sigmoid", ["logits"], ["alpha"]),
        helper.make_node("Conv", ["all", "w_uneven"], ["uneven"], pads=[0, 3, 2, 1]),
        helper.make_node("Concat", ["high", "high"], ["shared"], axis=1),
        helper.make_node("Conv", ["shared", "w_shared"], ["shared_sum"]),
        helper.make_node("ReduceMean", ["shared"], ["mean"], axes=[1]),
        helper.make_node("Add", ["shared_sum", "mean"], ["kept"]),
    ]
    save(
        "decoder",
        nodes,
        [("x", [1, 3, size, size])],
        [("alpha", [1, 1, size, size]), ("uneven", [1, 1, size, size]), ("kept", [1, 1, size, size])],
        {
            "scales": [1, 1, 2, 2],
            "w_high": weights(16, 3, 1, 1),
            "w_low": weights(32, 16, 1, 1),
            "w_two": weights(16, 48, 3, 3),
            "b_two": weights(16),
            "w_three": weights(16, 48, 3, 3),
            "w_head": weights(1, 16, 3, 3),
            "b_head": weights(1),
            "w_uneven": weights(1, 16, 3, 5),
            "w_shared": weights(1, 32, 1, 1),
        },
    )


def beside():
    """The same as `bright` with its weights in a file of their own, as graphs of more than 2 GB must have them."""
    size = 64
    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, :, 0, 0] = [6, 10, 4]
    (FOLDER / "beside.onnx.data").unlink(missing_ok=True)
    save(
        "beside",
        [helper.make_node("Conv", ["input", "w"], ["output"])],
        [("input", [1, 3, size, size])],
        [("output", [1, 1, size, size])],
        {"w": weights},
        beside="beside.onnx.data",
    )


def kinds():
    """Whole numbers and half floats in and out, as text encoders and samplers have them."""
    half, whole = TensorProto.FLOAT16, TensorProto.INT64
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["ids", "one"], ["next"]),
            helper.make_node("Mul", ["half", "two"], ["double"]),
        ],
        "kinds",
        [helper.make_tensor_value_info(n, t, ["n"]) for n, t in [("ids", whole), ("half", half)]],
        [helper.make_tensor_value_info(n, t, ["n"]) for n, t in [("next", whole), ("double", half)]],
        [
            numpy_helper.from_array(np.asarray([1], np.int64), "one"),
            numpy_helper.from_array(np.asarray([2], np.float16), "two"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="vitrine-tests")
    model.ir_version = 8
    checker.check_model(model, full_check=True)
    onnx.save(model, FOLDER / "kinds.onnx")


def rounded(case):
    return {k: np.round(v, 5).ravel().tolist() if isinstance(v, np.ndarray) else v for k, v in case.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    bright()
    whole()
    decoder()
    beside()
    kinds()
    cases = {"logits": rounded(logits()), "outputs": rounded(outputs())}
    (FOLDER / "expected.json").write_text(json.dumps(cases) + "\n")
