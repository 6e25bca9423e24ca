"""Makes test/reference/u2netp.json: what the published u2netp.onnx answers, for test/models/u2netp.test.ts to compare
the network of the package with, which models/u2netp/derive.js makes from it.

    pip install onnxruntime numpy pillow
    python test/reference/u2netp.py <published u2netp.onnx>
    npx prettier --write test/reference/u2netp.json

Its input are the products of examples/ on white, of which every pixel nearest to the middle of a cell is taken: PNGs
and whole numbers, so that both sides feed the very same values. Samples of the first output are written as uint16.
"""

import argparse
import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

import isnet

SIZE = 320
GRID = 24
HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "examples"


def tensor(name):
    """1 x 3 x 320 x 320, float32: the product on white, less ImageNet's mean, over its deviation."""
    def read(part, mode):
        return np.asarray(Image.open(EXAMPLES / f"{name}.{part}.png").convert(mode)).astype(np.int64)

    alpha, colours = read("alpha", "L"), read("foreground", "RGB")
    channels = []
    for channel, mean, deviation in zip(range(3), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]):
        value = isnet.grid(colours[:, :, channel], SIZE)
        cover = isnet.grid(alpha, SIZE)
        on_white = (value * cover + 255 * (255 - cover)) // 255
        channels.append((on_white / 255 - mean) / deviation)
    return np.stack(channels)[None].astype(np.float32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", type=Path)
    network = parser.parse_args().network
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    [first, *_] = [output.name for output in session.get_outputs()]
    answers = {}
    for path in sorted(EXAMPLES.glob("*/*.foreground.png")):
        name = path.relative_to(EXAMPLES).as_posix().removesuffix(".foreground.png")
        [answer] = session.run([first], {session.get_inputs()[0].name: tensor(name)})
        samples = np.rint(isnet.grid(answer[0, 0], GRID) * 65535).astype("<u2")
        answers[name] = base64.b64encode(samples.tobytes()).decode()
    sha256 = hashlib.sha256(network.read_bytes()).hexdigest()
    result = {"sha256": sha256, "size": SIZE, "grid": GRID, "answers": answers}
    (HERE / "u2netp.json").write_text(json.dumps(result) + "\n")
    print(len(answers), "pictures")


if __name__ == "__main__":
    main()
