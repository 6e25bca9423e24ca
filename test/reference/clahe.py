"""Writes clahe.json, the numbers that test/image/clahe.test.ts compares with.

pip install opencv-python-headless==5.0.* numpy scikit-image && python test/reference/clahe.py
"""

import base64
import json
import pathlib

import cv2
import numpy as np
from skimage.color import rgb2lab

SIZES = [(64, 64), (72, 50), (61, 64), (64, 61), (20, 13), (9, 1), (1, 9)]


def pattern(width: int, height: int, channels: int) -> np.ndarray:
    """The same integers as pattern() in clahe.test.ts: a slope, a bright disc and a little noise."""
    out = np.zeros((height, width, channels), np.uint8)
    state = 7
    for y in range(height):
        for x in range(width):
            inside = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(width, height) // 3) ** 2
            for channel in range(channels):
                state = (state * 1103515245 + 12345) % 2**31
                base = (200 - 40 * channel if inside else 20 + 30 * channel) + (x * 60) // width + state // 2**26
                out[y, x, channel] = min(255, base)
    return out


def text(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


clahe = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8))
planes = [
    {"width": width, "height": height, "output": text(clahe.apply(pattern(width, height, 1)[..., 0]))}
    for width, height in SIZES
]
rgb = pattern(160, 120, 3)
lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
lab[..., 0] = clahe.apply(lab[..., 0])
sample = np.ascontiguousarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)[::4, ::4])
color = {"width": 160, "height": 120, "step": 4, "output": text(sample)}
exact = rgb2lab(pattern(16, 12, 3))
result = {"opencv": cv2.__version__, "planes": planes, "color": color, "lab": np.round(exact.reshape(-1), 3).tolist()}
target = pathlib.Path(__file__).with_name("clahe.json")
target.write_text(json.dumps(result) + "\n")
