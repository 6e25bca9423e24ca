"""PyTorch's times for the networks of the bench `gpu`, which have random weights here; float16 on a card.

    python pytorch.py CHECKOUTS SIZE ROUNDS NETWORK… -- PHOTO…

A line of JSON for each network: medians in milliseconds of the bare run on a tensor that is there, and of a whole photo:
JPEG in, PNG of the mask out, everything but the network by Pillow and on the CPU. CHECKOUTS holds BiRefNet, DIS and
U-2-Net, named so, from https://github.com/ZhengPeng7/BiRefNet and https://github.com/xuebinqin.
"""

import importlib.util
import io
import json
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from networks import BACKBONES, birefnet, read
from PIL import Image

U2NETP_SIZE = 320
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def module(file: Path):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


class FirstMask(torch.nn.Module):
    """The finest of the masks that ISNet and U2Net answer with."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        answer = self.net(picture)[0]
        return answer if torch.is_tensor(answer) else answer[0]


def network(checkouts: Path, name: str, photo: Path, size: int) -> tuple[torch.nn.Module, int]:
    """In evaluation mode, and the side of its picture."""
    if name in BACKBONES:
        net = birefnet(checkouts, name, read(photo, size).to(DEVICE))
        return torch.nn.Sequential(net, torch.nn.Sigmoid()), size
    if name == "isnet":
        return FirstMask(module(checkouts / "DIS/IS-Net/models/isnet.py").ISNetDIS()), size
    return FirstMask(module(checkouts / "U-2-Net/model/u2net.py").U2NETP()), min(size, U2NETP_SIZE)


@torch.inference_mode()
def whole(net: torch.nn.Module, photo: Path, size: int, half: bool) -> None:
    image = Image.open(photo).convert("RGB")
    small = image.resize((size, size), Image.Resampling.BILINEAR)
    # To the card as bytes: a quarter of what floats take.
    values = torch.from_numpy(np.array(small)).to(DEVICE).permute(2, 0, 1)[None]
    values = (values / 255 - 0.5).to(torch.float16 if half else torch.float32)
    mask = (net(values)[0, 0].float() * 255).round().to(torch.uint8).cpu().numpy()
    Image.fromarray(mask).resize(image.size, Image.Resampling.BICUBIC).save(io.BytesIO(), "PNG", compress_level=6)


@torch.inference_mode()
def bare(net: torch.nn.Module, values: torch.Tensor) -> None:
    net(values)
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def median(runs: list) -> float:
    """Milliseconds; each has run before."""
    times = []
    for run in runs:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 2)


def main() -> None:
    warnings.filterwarnings("ignore")
    split = sys.argv.index("--")
    checkouts, size, rounds, *names = sys.argv[1:split]
    photos = [Path(photo) for photo in sys.argv[split + 1 :]]
    torch.backends.cudnn.benchmark = True
    half = torch.cuda.is_available()
    for name in names:
        net, side = network(Path(checkouts), name, photos[0], int(size))
        net = net.to(DEVICE).eval().requires_grad_(False)
        values = read(photos[0], side).to(DEVICE)
        if half:
            net, values = net.half(), values.half()
        for _ in range(3 if half else 1):
            whole(net, photos[0], side, half)
        answer = {
            "network": name,
            "precision": "fp16" if half else "fp32",
            "bareMs": median([lambda: bare(net, values)] * int(rounds)),
            "wholeMs": median([lambda photo=photo: whole(net, photo, side, half) for photo in photos[: int(rounds)]]),
            "peakMb": torch.cuda.max_memory_allocated() >> 20 if half else 0,
        }
        print(json.dumps(answer), flush=True)
        del net
        if half:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()


if __name__ == "__main__":
    main()
