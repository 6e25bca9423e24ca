"""
Reference numbers for test/augmentation/reference.test.ts, from albumentations 2.0.8 (MIT) and OpenCV 5.0.0 on one small
picture; of noise, moments. pip install albumentations==2.0.8, then python test/reference/augmentation.py.
"""

import base64
import json
import pathlib
import random

import albumentations as A
import cv2
import numpy as np
from albumentations.augmentations.blur import functional as fblur
from albumentations.augmentations.geometric import functional as fgeometric
from albumentations.augmentations.pixel import functional as fpixel

WIDTH, HEIGHT = 40, 32


def pattern() -> np.ndarray:
    """The same numbers as pattern() in reference.test.ts: a slope, a bright disc, bars and a little noise."""
    out = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    state = 7
    for y in range(HEIGHT):
        for x in range(WIDTH):
            inside = (x - 22) ** 2 + (y - 15) ** 2 < 100
            for channel in range(3):
                state = (state * 1103515245 + 12345) % 2**31
                base = 210 - 50 * channel if inside else 20 + 40 * channel + 3 * x
                if x // 4 % 5 == y // 8 % 3:
                    base = 255 - base
                out[y, x, channel] = max(0, min(255, base + state // 2**27))
    return out


def text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


image = pattern()
cases: dict[str, dict] = {}


def case(name: str, output: np.ndarray, **parameters) -> None:
    assert output.shape == image.shape and output.dtype == np.uint8
    cases[name] = {"parameters": parameters, "output": text(output)}


def transformed(transform: A.BasicTransform) -> np.ndarray:
    return transform(image=image)["image"]


def warped(matrix: np.ndarray) -> np.ndarray:
    return cv2.warpPerspective(image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)


case("brightness_contrast", transformed(A.RandomBrightnessContrast((0.1, 0.1), (0.2, 0.2), p=1)), alpha=1.2, beta=25.5)
case("rgb_shift", transformed(A.RGBShift((20, 20), (-10, -10), (5, 5), p=1)), noise_map=[20, -10, 5])
case("gamma80", transformed(A.RandomGamma((80, 80), p=1)), gamma=0.8)
case("tone_curve", fpixel.move_tone_curve(image, 0.2, 0.8), low_y=0.2, high_y=0.8)
case("mult_noise", A.MultiplicativeNoise((1.0537, 1.0537), p=1)(image=image)["image"], multiplier=[1.0537] * 3)
case("downscale_nn", fpixel.downscale(image, 0.4, cv2.INTER_NEAREST, cv2.INTER_NEAREST), scale=0.4)
polygon = [[3, 4], [30, 8], [36, 28], [12, 30], [25, 12]]
case("shadow", fpixel.add_shadow(image, [np.array(polygon, np.int32)], np.array([0.4])), vertices_list=[polygon], intensities=[0.4])
case("hflip", image[:, ::-1])
case("gray", transformed(A.ToGray(p=1)))
case("median3", fblur.median_blur(image, 3))
case("median5", fblur.median_blur(image, 5))

case("hsv", fpixel.shift_hsv(image, 15, -20, 10), hue_shift=15, sat_shift=-20, val_shift=10)
jitter = {"brightness": 1.2, "contrast": 0.85, "saturation": 1.3, "hue": 0.1}
out = image
steps = [
    fpixel.adjust_brightness_torchvision,
    fpixel.adjust_contrast_torchvision,
    fpixel.adjust_saturation_torchvision,
    fpixel.adjust_hue_torchvision,
]
for step in [0, 2, 1, 3]:
    out = steps[step](out, list(jitter.values())[step])
case("color_jitter", out, **jitter, order=[0, 2, 1, 3])
case("clahe", fpixel.clahe(image, 2.0, (8, 8)), clip_limit=2)
case("sharpen", transformed(A.Sharpen((0.4, 0.4), (0.8, 0.8), p=1)))
case("gauss_blur", transformed(A.GaussianBlur(0, (1.5, 1.5), p=1)))
for angle, direction in [(33, 0), (200, 0.6), (90, -1)]:
    kernel = fblur.create_motion_kernel(7, angle, direction, False, random.Random(0))
    blurred = fpixel.convolve(image, kernel / kernel.sum())
    case(f"motion_line {angle}", blurred, size=7, angle=angle, direction=direction)
case("defocus", fblur.defocus(image, 4, 0.3), radius=4, alias_blur=0.3)
case("defocus large", fblur.defocus(image, 9, 0.5), radius=9, alias_blur=0.5)

named = {"shift": [0.1, -0.05], "scale": 1.2, "rotate": 17, "shear": [5, -3]}
affine = A.Affine(
    scale=(1.2, 1.2),
    rotate=(17, 17),
    shear={"x": (5, 5), "y": (-3, -3)},
    translate_percent={"x": (0.1, 0.1), "y": (-0.05, -0.05)},
    p=1,
)
case("affine_named", transformed(affine), **named)
corners = [[0.05, 0.1], [0.12, 0.03], [0.02, 0.08], [0.1, 0.06]]
points = np.array(
    [[x, y] for x, y in [(0.05, 0.1), (1 - 0.12, 0.03), (1 - 0.02, 1 - 0.08), (0.1, 1 - 0.06)]], np.float32
) * np.array([WIDTH, HEIGHT], np.float32)
matrix, _, _ = fgeometric.compute_perspective_params(points.copy(), (HEIGHT, WIDTH))
case("perspective_corners", warped(matrix), corners=corners)
case("resized_crop", cv2.resize(image[4:28, 6:33], (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), crop=[6, 4, 33, 28])
columns, rows = [1, 1.3, 0.8, 1.1, 0.9, 1.2], [0.8, 1.2, 1, 1.1, 0.9, 1]
even = fgeometric.normalize_grid_distortion_steps((HEIGHT, WIDTH), 5, list(columns), list(rows))
maps = fgeometric.generate_grid((HEIGHT, WIDTH), even["steps_x"], even["steps_y"], 5)
case("grid_steps", fgeometric.remap(image, *maps, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, 0), columns=columns, rows=rows)
for lens, make in [
    ("camera", fgeometric.get_camera_matrix_distortion_maps),
    ("fisheye", fgeometric.get_fisheye_distortion_maps),
]:
    maps = make((HEIGHT, WIDTH), 0.3)
    case(f"optical_{lens}", fgeometric.remap(image, *maps, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, 0))

# The library hands RGB to a codec that expects BGR; this is what it means to do.
coded = cv2.imencode(".jpg", image[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, 60))[1]
case("jpeg", cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])

generator = np.random.default_rng(1)
noise: dict[str, dict] = {}


def moments(name: str, values: np.ndarray) -> None:
    noise[name] = {"mean": round(float(values.mean()), 4), "deviation": round(float(values.std()), 4)}


SIDE = 256
for level in [40, 128, 220]:
    flat = np.full((SIDE, SIDE, 3), level, np.uint8)
    moments(f"gauss {level}", A.GaussNoise((0.05, 0.05), p=1)(image=flat)["image"].astype(int) - level)
    for scale in [0.002, 0.1]:
        shot = fpixel.shot_noise(flat.astype(np.float32) / 255, scale, generator)
        moments(f"shot {scale} {level}", np.rint(shot * 255) - level)
    times = A.MultiplicativeNoise((0.9, 1.1), per_channel=True, elementwise=True, p=1)(image=flat)["image"]
    moments(f"multiplicative {level}", times.astype(int) - level)
tiled = np.tile(image, (8, 8, 1))
moments("iso", fpixel.iso_noise(tiled, 0.05, 0.4, generator).astype(int) - tiled)

# Displacements of ElasticTransform: their deviation, and how alike they are some pixels apart.
elastic: dict[str, dict] = {}
for sigma in [6, 12]:
    fields = [
        fgeometric.generate_displacement_fields((SIDE, SIDE), 1000, sigma, False, (0, 0), generator, "gaussian")
        for _ in range(8)
    ]
    inner = np.array(fields)[..., 48:-48, 48:-48]
    elastic[str(sigma)] = {
        "deviation": round(float(inner.std()), 3),
        "alike": [round(float((inner[..., :-lag] * inner[..., lag:]).mean() / inner.var()), 3) for lag in (sigma, 2 * sigma)],
    }

result = {
    "versions": {"albumentations": A.__version__, "opencv": cv2.__version__},
    "width": WIDTH,
    "height": HEIGHT,
    "cases": cases,
    "noise": noise,
    "elastic": elastic,
}
pathlib.Path(__file__).with_name("augmentation.json").write_text(json.dumps(result, indent=1) + "\n")
