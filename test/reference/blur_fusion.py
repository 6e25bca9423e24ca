"""Numbers for test/matting/decontaminate.test.ts: blur fusion over every size of window, straight from its formulas.

Pixels count by alpha^16 for the product and (1 - alpha)^16 for the backdrop. Blocks of 2 x 2 pixels, twice as large at each
level, take part where they lie within 16 of the smallest blocks of one with a soft pixel. Each level, blurred by 1 6 1, is
filled up with the next larger one at a weight of 0.03; what remains is the mean colour and variance of product and backdrop
around every block. The foreground is then F + g (I - a F - (1 - a) B), g = a vF / (a^2 vF + (1 - a)^2 vB + 2^2).

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


def halve(values, mask):
    """Means over the up to four members of each 2 x 2 block."""
    rows, columns = -(-mask.shape[0] // 2), -(-mask.shape[1] // 2)
    sums = np.zeros((rows, columns, values.shape[2]))
    count = np.zeros((rows, columns, 1))
    y, x = np.nonzero(mask)
    np.add.at(sums, (y // 2, x // 2), values[y, x])
    np.add.at(count, (y // 2, x // 2), 1)
    return sums / np.maximum(count, 1), count[..., 0] > 0


def blurred(values, mask):
    rows, columns = mask.shape
    sums = np.zeros_like(values)
    total = np.zeros((rows, columns, 1))
    padded = np.pad(values * mask[..., None], ((1, 1), (1, 1), (0, 0)))
    members = np.pad(mask.astype(float), 1)[..., None]
    for dy, down in enumerate((1, 6, 1)):
        for dx, right in enumerate((1, 6, 1)):
            window = np.s_[dy : dy + rows, dx : dx + columns]
            sums += down * right * padded[window]
            total += down * right * members[window]
    return sums / np.maximum(total, 1e-30)


def enlarged(values, mask, rows, columns):
    """Linear interpolation at the centres of blocks half as large, among members only."""
    result = np.zeros((rows, columns, values.shape[2]))
    total = np.zeros((rows, columns, 1))
    v, u = np.arange(rows) / 2 - 0.25, np.arange(columns) / 2 - 0.25
    for down in (0, 1):
        for right in (0, 1):
            y, x = np.floor(v).astype(int) + down, np.floor(u).astype(int) + right
            weight = (1 - abs(v - y))[:, None] * (1 - abs(u - x))[None, :]
            inside = ((y >= 0) & (y < mask.shape[0]))[:, None] & ((x >= 0) & (x < mask.shape[1]))[None, :]
            y, x = y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)
            weight = (weight * inside * mask[np.ix_(y, x)])[..., None]
            result += weight * values[np.ix_(y, x)]
            total += weight
    return result / np.maximum(total, 1e-30)


def fill(sums, mask):
    """Mean r, g, b and square of one side, from sums of (weight, weighted r, g, b, square)."""
    own = blurred(sums, mask)
    if mask.shape == (1, 1):
        return own[..., 1:] / np.maximum(own[..., :1], 1e-300)
    larger = fill(*halve(sums, mask)) if mask.any() else None
    larger = enlarged(larger, halve(sums, mask)[1], *mask.shape)
    return (own[..., 1:] + 0.03 * larger) / (own[..., :1] + 0.03)


def around(image, weight, soft):
    everywhere = np.ones(soft.shape, bool)
    square = (image**2).mean(-1, keepdims=True)
    values = weight[..., None] * np.concatenate([np.ones_like(square), image, square], -1)
    sums, _ = halve(values, everywhere)
    blocks = halve(soft[..., None].astype(float), everywhere)[0][..., 0] > 0
    y, x = np.nonzero(blocks)
    mask = np.zeros_like(blocks)
    for by, bx in zip(y, x):
        mask[max(0, by - 16) : by + 17, max(0, bx - 16) : bx + 17] = True
    means = fill(sums * mask[..., None], mask)
    variance = np.maximum(0, means[..., 3:] - (means[..., :3] ** 2).mean(-1, keepdims=True))
    means = np.concatenate([means[..., :3], variance], -1)
    # Pixels beyond the outermost block centres take those.
    padded = np.pad(means, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return enlarged(padded, np.ones(padded.shape[:2], bool), HEIGHT + 4, WIDTH + 4)[2:-2, 2:-2]


def main():
    image, alpha = picture()
    soft = (alpha > 0) & (alpha < 255)
    a = alpha[..., None] / 255
    front = around(image, (alpha / 255) ** 16, soft)
    back = around(image, (1 - alpha / 255) ** 16, soft)
    vary = a * front[..., 3:]
    gain = vary / (a * vary + (1 - a) ** 2 * back[..., 3:] + 2**2)
    front = np.clip(front[..., :3] + gain * (image - a * front[..., :3] - (1 - a) * back[..., :3]), 0, 255)
    points = [(int(x), int(y)) for y, x in np.argwhere(soft)]
    points = points[:: max(1, len(points) // 150)]
    samples = [[x, y, *(round(float(v), 2) for v in front[y, x])] for x, y in points]
    lines = ",\n".join("    " + json.dumps(sample) for sample in samples)
    print(f'{{\n  "width": {WIDTH},\n  "height": {HEIGHT},\n  "samples": [\n{lines}\n  ]\n}}')


if __name__ == "__main__":
    main()
