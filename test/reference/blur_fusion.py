"""Numbers for test/matting/decontaminate.test.ts: blur fusion written straight from its formula.

M. Forte, "Approximate fast foreground colour estimation", ICIP 2021. Windows are box means of 90 and then 6
pixels (from size // 2 before a pixel on), cut off at the picture's border; colours and alpha run from 0 to 1.

    python3 test/reference/blur_fusion.py > test/reference/blur_fusion.json
"""

import json

import numpy as np

WIDTH, HEIGHT = 160, 120


def picture():
    """The same picture as in the test: a soft-edged disc of two colours on a slanted grey."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot(x - 80, y - 60)
    alpha = np.floor(np.clip((44 - distance) / 8 + 0.5, 0, 1) * 255 + 0.5)
    front = np.stack([np.where(x < 80, 200, 40), 60 + (y % 32), np.full_like(x, 90)], -1)
    back = np.stack([150 + x // 4, 160 + y // 4, 140 + x // 8], -1)
    share = alpha[..., None] / 255
    return np.floor(front * share + back * (1 - share) + 0.5), alpha


def mean(values, size):
    """Box mean over the part of the window that lies inside."""
    rows, columns = values.shape[:2]
    sums = np.zeros((rows + 1, columns + 1) + values.shape[2:])
    sums[1:, 1:] = values.cumsum(0).cumsum(1)
    before, after = size // 2, size - size // 2
    top = np.clip(np.arange(rows) - before, 0, rows)
    bottom = np.clip(np.arange(rows) + after, 0, rows)
    left = np.clip(np.arange(columns) - before, 0, columns)
    right = np.clip(np.arange(columns) + after, 0, columns)
    total = (
        sums[bottom][:, right] - sums[top][:, right] - sums[bottom][:, left] + sums[top][:, left]
    )
    count = (bottom - top)[:, None] * (right - left)[None, :]
    return total / (count[..., None] if values.ndim == 3 else count)


def fuse(image, front, back, alpha, size):
    a = alpha[..., None]
    mean_alpha = mean(a, size)
    front = mean(front * a, size) / (mean_alpha + 1e-5)
    back = mean(back * (1 - a), size) / (1 - mean_alpha + 1e-5)
    return np.clip(front + a * (image - a * front - (1 - a) * back), 0, 1), back


def main():
    pixels, alpha = picture()
    image, a = pixels / 255, alpha / 255
    front, back = fuse(image, image, image, a, 90)
    front, _ = fuse(image, front, back, a, 6)
    soft = [(int(x), int(y)) for y, x in np.argwhere((alpha > 0) & (alpha < 255))]
    points = soft[:: max(1, len(soft) // 150)]
    samples = [[x, y, *(round(float(v) * 255, 2) for v in front[y, x])] for x, y in points]
    lines = ",\n".join("    " + json.dumps(sample) for sample in samples)
    print(f'{{\n  "width": {WIDTH},\n  "height": {HEIGHT},\n  "samples": [\n{lines}\n  ]\n}}')


if __name__ == "__main__":
    main()
