"""Render the example pictures with their true alpha and foreground.

    blender -b --python examples/render.py -- [names]

Without names every picture is rendered. `--quick` renders small drafts into the
temporary folder; `--index` alone only rewrites the manifest and the contact sheet.
"""

import json
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from blender import photo, studio  # noqa: E402
from blender.pictures import PICTURES  # noqa: E402


def seed_of(name):
    return zlib.crc32(name.encode()) % 2**31


def make(picture, folder, shrink=1):
    seed = seed_of(picture.name)
    size = tuple(side // shrink for side in picture.size)
    samples = max(picture.samples // shrink**2, 16)
    studio.clear(size, seed)
    built = picture.build()
    if picture.kind == "translucent":
        product, backdrop = built
        plate, *views, level = studio.glass_passes(product, backdrop, samples)
        gain = photo.exposure(plate, picture.white)
        background, alpha, foreground, rendered = photo.translucent(plate, *views, gain, level)
    else:
        plate, colour, alpha = studio.solid_passes(built, samples, smooth=picture.kind != "scene")
        gain = photo.exposure(plate, picture.white)
        background, alpha, foreground = photo.solid(plate, colour, alpha, gain)
        rendered = None

    path = folder / picture.name
    path.parent.mkdir(parents=True, exist_ok=True)
    alpha, foreground = photo.eight_bit(alpha), photo.eight_bit(foreground)
    clean = photo.compose(alpha / 255, foreground / 255, background)
    photo.save_png(f"{path}.alpha.png", alpha)
    photo.save_png(f"{path}.foreground.png", foreground)
    photo.save_jpeg(f"{path}.jpg", photo.sensor(clean, seed, picture.noise))

    inside, edge = alpha > 0, (alpha > 0) & (alpha < 255)
    print(f"{picture.name}: partial alpha in {100 * edge.mean():.2f}% of the picture")
    residual("after noise and JPEG", photo.load(f"{path}.jpg") - clean, inside, edge)
    if rendered is not None:
        residual("against the plain render of the glass", rendered - clean, inside, edge)


def residual(label, difference, inside, edge):
    """Print how far a picture is from alpha * foreground + (1 - alpha) * background."""
    error = 255 * np.abs(difference).mean(-1)
    print(
        f"  residual {label}, mean levels of 255: all {error.mean():.2f}, "
        f"product {error[inside].mean():.2f}, partial alpha {error[edge].mean():.2f}",
        flush=True,
    )


def write_index(folder):
    entries = [
        {
            "name": p.name,
            "file": f"{p.name}.jpg",
            "alpha": f"{p.name}.alpha.png",
            "foreground": f"{p.name}.foreground.png",
            "kind": p.kind,
            "width": p.size[0],
            "height": p.size[1],
            "description": p.description,
            "backdrops": p.backdrops,
        }
        for p in PICTURES.values()
        if (folder / f"{p.name}.jpg").exists()
    ]
    blocks = (
        ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in entry.items())
        for entry in entries
    )
    body = ",\n".join(f"  {{\n{block}\n  }}" for block in blocks)
    (folder / "manifest.json").write_text(f"[\n{body}\n]\n")
    photo.contact_sheet(folder / "contact-sheet.jpg", entries, folder)


def main(arguments):
    quick = "--quick" in arguments
    index = "--index" in arguments
    names = [a for a in arguments if not a.startswith("--")] or ([] if index else list(PICTURES))
    folder = Path(tempfile.gettempdir()) / "vitrine-examples" if quick else HERE
    for name in names:
        make(PICTURES[name], folder, shrink=3 if quick else 1)
    if not quick:
        write_index(folder)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
