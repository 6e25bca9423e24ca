"""
Training pictures made from files to files as bench/augment.ts has them made, in Albumentations 2.0.8 with OpenCV, a
process for each core: pictures a second, as one line of JSON for each line of JSON on stdin that asks for a run. Sources
are read anew for each picture, as loaders of training pictures do, unless `keep` is asked for, which keeps them decoded.
pip install albumentations==2.0.8 pyyaml; python bench/augment.py <models/augmentations.yaml> <work.json> <processes>
"""

import functools
import json
import multiprocessing
import os
import random
import sys
import time

import albumentations as A
import cv2
import numpy as np
import yaml

from augmentation import step

cv2.setNumThreads(1)
WRITE = [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


def read_cutout(file: str) -> np.ndarray:
    rgba = cv2.cvtColor(cv2.imread(file, cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)
    x, y, w, h = cv2.boundingRect(rgba[..., 3])
    return np.ascontiguousarray(rgba[y : y + h, x : x + w])


def read_rgb(file: str) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)


READ = {"cutout": read_cutout, "rgb": read_rgb}
KEPT = {name: functools.lru_cache(64)(read) for name, read in READ.items()}


def background(file: str, side: int, draw: random.Random, read: dict) -> np.ndarray:
    whole = read["rgb"](file)
    height, width = whole.shape[:2]
    size = int(min(width, height) / draw.uniform(1, 1.5))
    x, y = draw.randint(0, width - size), draw.randint(0, height - size)
    return cv2.resize(whole[y : y + size, x : x + size], (side, side), interpolation=cv2.INTER_AREA)


def shade(picture: np.ndarray, alpha: np.ndarray, x: int, y: int, draw: random.Random) -> None:
    """A cast shadow that lies on the floor, and a dark line at the contact."""
    side = picture.shape[0]
    dark = np.zeros((side, side), np.float32)
    height, width = alpha.shape
    flat = cv2.resize(alpha, (width, max(1, height // 4)), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    top = y + height - flat.shape[0]
    paste = dark[max(0, top) : top + flat.shape[0], max(0, x) : x + width]
    paste[:] = flat[: paste.shape[0], : paste.shape[1]] * draw.uniform(0.2, 0.5)
    dark = cv2.GaussianBlur(dark, (0, 0), draw.uniform(4, 14))
    line = np.zeros_like(dark)
    line[max(0, y + height - 3) : y + height + 1, max(0, x) : x + width] = 0.6
    dark = np.maximum(dark, cv2.GaussianBlur(line, (0, 0), 3))
    picture[:] = (picture * (1 - dark[..., None])).astype(np.uint8)


def lay(picture: np.ndarray, mask: np.ndarray | None, cut: np.ndarray, scale: float, draw: random.Random) -> None:
    side = picture.shape[0]
    foot = int(side * draw.uniform(0.74, 0.95))
    fit = scale * min(side / cut.shape[1], foot / cut.shape[0])
    width, height = max(1, round(cut.shape[1] * fit)), max(1, round(cut.shape[0] * fit))
    small = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3]
    if draw.random() < 0.4:
        alpha = np.minimum(alpha, cv2.GaussianBlur(alpha, (0, 0), draw.uniform(0.4, 0.9)))
    x, y = draw.randint(0, side - width), foot - height
    shade(picture, alpha, x, y, draw)
    under = picture[max(0, y) : foot, x : x + width]
    over = small[-under.shape[0] :, :, :3]
    light = under.reshape(-1, 3).mean(0) / max(1.0, under.mean())
    over = cv2.LUT(over, np.clip(np.arange(256)[:, None] * (1 + 0.1 * (light - 1)), 0, 255).astype(np.uint8)[None])
    cover = alpha[-under.shape[0] :, :, None].astype(np.float32) / 255
    under[:] = (under + (over.astype(np.float32) - under) * cover + 0.5).astype(np.uint8)
    if mask is not None:
        mask[max(0, y) : foot, x : x + width] = alpha[-under.shape[0] :]


def make(order: dict) -> None:
    global pipelines
    side, name, index = order["side"], order["pipeline"], order["index"]
    read = KEPT if order["keep"] else READ
    draw = random.Random(index)
    source = work["sources"][index % len(work["sources"])]
    if name == "real":
        image = cv2.resize(read["rgb"](source["original"]), (side, side), interpolation=cv2.INTER_AREA)
        mask = None
    else:
        image = background(draw.choice(work["backgrounds"]), side, draw, read)
        mask = np.zeros((side, side), np.uint8)
        low, often = (0.28, 0.5) if name == "heavy" else (0.4, 0.3)
        if draw.random() < often:
            for _ in range(draw.randint(1, 2)):
                other = draw.choice(work["sources"])
                lay(image, None, read["cutout"](other["cutout"]), draw.uniform(low, 0.7), draw)
        lay(image, mask, read["cutout"](source["cutout"]), draw.uniform(low, 0.95), draw)
    made = pipelines[name](image=image, mask=mask) if mask is not None else pipelines[name](image=image)
    cv2.imwrite(f"{order['folder']}/{index}.jpg", cv2.cvtColor(made["image"], cv2.COLOR_RGB2BGR), WRITE)


def start(described: dict, given: dict) -> None:
    global pipelines, work
    cv2.setNumThreads(1)
    work = given
    pipelines = {name: A.Compose([step(v) for v in p["steps"]]) for name, p in described.items()}


def main(yaml_file: str, work_file: str, processes: int) -> None:
    with open(yaml_file, encoding="utf8") as file:
        described = yaml.safe_load(file)["pipelines"]
    # The size to which crops are made is a parameter of theirs.
    with open(work_file, encoding="utf8") as file:
        given = json.load(file)
    with multiprocessing.Pool(processes, start, (described, given)) as pool:
        for line in sys.stdin:
            asked = json.loads(line)
            orders = [{**asked, "index": index} for index in range(asked["count"])]
            os.makedirs(asked["folder"], exist_ok=True)
            begin = time.perf_counter()
            pool.map(make, orders, chunksize=20)
            print(json.dumps({"rate": asked["count"] / (time.perf_counter() - begin)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
