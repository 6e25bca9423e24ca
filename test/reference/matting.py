"""Numbers for test/matting/closed-form.test.ts and multi-level.test.ts, made by pymatting.

The trimap follows rembg's rule (scipy's erosion); alpha is pymatting's estimate_alpha_cf at its defaults (epsilon 1e-7,
relative tolerance 1e-7); the foreground is its estimate_foreground_ml at its defaults.

    pip install pymatting scipy
    python3 test/reference/matting.py > test/reference/matting.json
"""

import json

import numpy as np
from pymatting import estimate_alpha_cf, estimate_foreground_ml
from scipy.ndimage import binary_erosion

WIDTH, HEIGHT, ERODE = 60, 44, 4


def picture():
    """The same picture as in the tests: a soft-edged disc with bars on a slanted, striped ground."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot(x - 28, y - 23)
    alpha = np.floor(np.clip((14 - distance) / 7 + 0.5, 0, 1) * 255 + 0.5)
    front = np.stack([np.where(x < 30, 210, 60), 40 + 3 * (y % 16), 70 + x], -1)
    back = np.stack([110 + 2 * x, 190 - 2 * y, np.where((x + y) % 24 < 12, 150, 190)], -1)
    share = alpha[..., None] / 255
    return np.floor(front * share + back * (1 - share) + 0.5), alpha


def trimap_of(alpha):
    square = np.ones((ERODE, ERODE))
    front = binary_erosion(alpha > 240, structure=square, border_value=1)
    back = binary_erosion(alpha < 10, structure=square, border_value=1)
    trimap = np.full(alpha.shape, 0.5)
    trimap[front] = 1
    trimap[back] = 0
    return trimap


def main():
    pixels, alpha = picture()
    trimap = trimap_of(alpha)
    matte = estimate_alpha_cf(pixels / 255, trimap)
    foreground = estimate_foreground_ml(pixels / 255, alpha / 255)
    signs = np.where(trimap == 1, "1", np.where(trimap == 0, "0", "?"))
    rows = ",\n    ".join(json.dumps("".join(row)) for row in signs)
    values = [f"{value:.4f}" for value in matte[trimap == 0.5]]
    soft = [(int(x), int(y)) for y, x in np.argwhere((alpha > 0) & (alpha < 255))]
    samples = [[x, y, *(round(float(v) * 255, 1) for v in foreground[y, x])] for x, y in soft[::3]]
    print("{")
    print(f'  "width": {WIDTH},\n  "height": {HEIGHT},\n  "erode": {ERODE},')
    print(f'  "trimap": [\n    {rows}\n  ],')
    print(f'  "alpha": [{", ".join(values)}],')
    print(f'  "foreground": [\n    {f",{chr(10)}    ".join(json.dumps(one) for one in samples)}\n  ]')
    print("}")


if __name__ == "__main__":
    main()
