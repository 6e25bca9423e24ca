"""
The pipelines of models/augmentations.yaml in Albumentations 2.0.8 with OpenCV, on one thread: processor time of a
picture in milliseconds, by pipeline, as one line of JSON. What its transforms cannot be told the same way is as near as
it goes. pip install albumentations==2.0.8; python bench/augmentation.py <models/augmentations.yaml> <picture> <rounds>
"""

import json
import sys
import time

import albumentations as A
import cv2
import yaml

cv2.setNumThreads(1)

BORDER = {"border_mode": cv2.BORDER_REFLECT_101}
TILE = {"tile_grid_size": (8, 8)}


def span(values: dict, name: str, low: float, high: float) -> tuple:
    value = values.get(name, [low, high])
    return tuple(value) if isinstance(value, list) else (value, value)


def both(limits: tuple, by: float = 1) -> tuple:
    return (limits[0] * by, limits[1] * by)


TRANSFORMS = {
    "affine": lambda v, p: A.Affine(
        scale=span(v, "scale", 0.9, 1.1),
        rotate=span(v, "rotate", -8, 8),
        shear={"x": span(v, "shear_x", 0, 0), "y": span(v, "shear_y", 0, 0)},
        translate_percent={"x": span(v, "shift_x", -0.05, 0.05), "y": span(v, "shift_y", -0.05, 0.05)},
        keep_ratio=True,
        p=p,
        **BORDER,
    ),
    "perspective": lambda v, p: A.Perspective(span(v, "scale", 0.02, 0.05), p=p, **BORDER),
    # A field as smooth as ours; its strength takes no time.
    "elastic": lambda v, p: A.ElasticTransform(alpha=2000, sigma=45, p=p, **BORDER),
    "grid-distortion": lambda v, p: A.GridDistortion(5, span(v, "strength", -0.15, 0.15), p=p, **BORDER),
    "optical-distortion": lambda v, p: A.OpticalDistortion(span(v, "strength", -0.05, 0.05), p=p, **BORDER),
    "resized-crop": lambda v, p: A.RandomResizedCrop(
        (512, 512), scale=span(v, "area", 0.8, 1), ratio=span(v, "ratio", 0.9, 1.11), p=p
    ),
    "brightness-contrast": lambda v, p: A.RandomBrightnessContrast(
        span(v, "brightness", -0.08, 0.08), span(v, "contrast", -0.1, 0.1), p=p
    ),
    "clahe": lambda v, p: A.CLAHE(span(v, "clip", 1, 1.5), p=p, **TILE),
    "color-jitter": lambda v, p: A.ColorJitter(
        *[span(v, name, 0.92, 1.08) for name in ("brightness", "contrast", "saturation")],
        span(v, "hue", -0.01, 0.01),
        p=p,
    ),
    "gamma": lambda v, p: A.RandomGamma(both(span(v, "gamma", 0.88, 1.14), 100), p=p),
    "hsv-shift": lambda v, p: A.HueSaturationValue(
        span(v, "hue", -3, 3), span(v, "saturation", -12, 12), span(v, "value", -10, 10), p=p
    ),
    "rgb-shift": lambda v, p: A.RGBShift(*[span(v, name, -6, 6) for name in ("red", "green", "blue")], p=p),
    "tone-curve": lambda v, p: A.RandomToneCurve(v.get("deviation", 0.05), p=p),
    "defocus": lambda v, p: A.Defocus(span(v, "radius", 1, 2), (0.1, 0.5), p=p),
    "downscale": lambda v, p: A.Downscale(span(v, "scale", 0.6, 0.9), p=p),
    "gaussian-blur": lambda v, p: A.GaussianBlur(0, span(v, "sigma", 0.3, 1.2), p=p),
    "jpeg": lambda v, p: A.ImageCompression("jpeg", span(v, "quality", 70, 95), p=p),
    "median-blur": lambda v, p: A.MedianBlur(span(v, "size", 3, 3), p=p),
    "motion-blur": lambda v, p: A.MotionBlur(span(v, "size", 3, 5), allow_shifted=False, p=p),
    "sharpen": lambda v, p: A.Sharpen(span(v, "amount", 0.05, 0.2), (1, 1), p=p),
    "gauss-noise": lambda v, p: A.GaussNoise(span(v, "deviation", 0.005, 0.02), p=p),
    "iso-noise": lambda v, p: A.ISONoise((0.01, 0.05), span(v, "intensity", 0.05, 0.15), p=p),
    "multiplicative-noise": lambda v, p: A.MultiplicativeNoise(
        both((1 - span(v, "strength", 0, 0.06)[1], 1 + span(v, "strength", 0, 0.06)[1])),
        per_channel=True,
        elementwise=True,
        p=p,
    ),
    "shot-noise": lambda v, p: A.ShotNoise(span(v, "scale", 0.0005, 0.004), p=p),
    "coarse-dropout": lambda v, p: A.CoarseDropout(
        span(v, "holes", 1, 2), span(v, "height", 0.06, 0.14), span(v, "width", 0.06, 0.14), fill="random_uniform", p=p
    ),
    "grid-dropout": lambda v, p: A.GridDropout(0.25, holes_number_xy=(8, 8), p=p),
    "random-shadow": lambda v, p: A.RandomShadow(shadow_intensity_range=span(v, "intensity", 0.1, 0.3), p=p),
}


def step(values: dict) -> A.BasicTransform:
    chance = values.get("probability", 1)
    if "one_of" in values:
        return A.OneOf([step(child) for child in values["one_of"]], p=chance)
    if "some_of" in values:
        low, high = values["pick"]
        children = [step(child) for child in values["some_of"]]
        return A.OneOf([A.SomeOf(children, count, p=1) for count in range(low, high + 1)], p=chance)
    return TRANSFORMS[values["transform"]](values, chance)


def main(pipelines: str, picture: str, rounds: int) -> None:
    image = cv2.cvtColor(cv2.resize(cv2.imread(picture), (512, 512)), cv2.COLOR_BGR2RGB)
    mask = image[..., 0] * 0 + 255
    result = {}
    with open(pipelines, encoding="utf8") as file:
        described = yaml.safe_load(file)["pipelines"]
    for name, pipeline in described.items():
        compose = A.Compose([step(values) for values in pipeline["steps"]], seed=1)
        for _ in range(20):
            compose(image=image, mask=mask)
        start = time.process_time()
        for _ in range(rounds):
            compose(image=image, mask=mask)
        result[name] = round((time.process_time() - start) * 1000 / rounds, 3)
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
