"""Makes test/reference/masks.json: the masks that plain Python gets out of real networks for the photos of examples/,
for test/models/families/masks.test.ts to compare with.

    pip install onnxruntime numpy pillow
    python test/reference/masks.py [u2netp=<published u2netp.onnx>] [u2net=<u2net.onnx>] [isnet=<isnet.onnx>]
    npx prettier --write test/reference/masks.json

A network that is not given keeps what is written of it. U2Net's take the photo as rembg gives it to them: Lanczos to
320 x 320, over its own maximum, ImageNet's mean and deviation; the answer is stretched to its own range, made bytes
and enlarged by Lanczos. ISNet is read as isnet.py reads it. Samples of the masks are written, never pictures.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

import isnet

GRID = 48
HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "examples"


def rembg_mask(session, photo):
    """A Pillow photo to its mask in 0..1 at the photo's size, by rembg's recipe."""
    small = np.asarray(photo.resize((320, 320), Image.Resampling.LANCZOS)).astype(np.float64)
    small = small / max(small.max(), 1e-6)
    small = (small - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    feed = {session.get_inputs()[0].name: small.transpose(2, 0, 1)[None].astype(np.float32)}
    answer = session.run(None, feed)[0][0, 0]
    answer = (answer - answer.min()) / (answer.max() - answer.min())
    mask = Image.fromarray((answer * 255).astype(np.uint8))
    return np.asarray(mask.resize(photo.size, Image.Resampling.LANCZOS)) / 255


def isnet_mask(session, photo):
    small = np.asarray(photo.resize((isnet.SIZE, isnet.SIZE), Image.Resampling.LANCZOS))
    matte = Image.fromarray(isnet.infer(session, small)).resize(photo.size, Image.Resampling.BICUBIC)
    return np.asarray(matte).clip(0, 1)


RECIPES = {"u2netp": rembg_mask, "u2net": rembg_mask, "isnet": isnet_mask}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("networks", nargs="+", metavar="id=file")
    out = HERE / "masks.json"
    result = json.loads(out.read_text()) if out.exists() else {"grid": GRID, "networks": {}}
    for network in parser.parse_args().networks:
        name, file = network.split("=", 1)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        photos = {}
        for path in sorted(EXAMPLES.glob("*/*.jpg")):
            mask = RECIPES[name](session, isnet.load_photo(path))
            photos[path.relative_to(EXAMPLES).as_posix()] = {
                "mean": round(float(mask.mean()), 5),
                "samples": isnet.as_text(isnet.grid(mask, GRID)),
            }
        sha256 = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        result["networks"][name] = {"sha256": sha256, "photos": photos}
        print(name, len(photos), "photos")
    out.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
