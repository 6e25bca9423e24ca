"""Exports BiRefNet with random weights: its time and memory can be measured without the real ones.

The architecture comes from a checkout of https://github.com/ZhengPeng7/BiRefNet, which is imported:

    python bench/birefnet.py CHECKOUT PHOTO OUT.onnx [--backbone swin_v1_l] [--size 1024]

Beside OUT.onnx lie afterwards OUT.photo.png, the photo at the network's size; OUT.input.npy, the tensor of it; and
OUT.alpha.png, the sigmoid of PyTorch's answer to it.
Needs torch, torchvision, onnx, onnxruntime, Pillow and what the checkout imports (timm, einops,
opencv-python-headless, huggingface_hub, tqdm).
"""

import argparse
import sys
import types
from pathlib import Path

import numpy as np
import torch
from PIL import Image

SEED = 7
OPSET = 19  # The first that has DeformConv.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
# Channels of the first stage of each backbone.
WIDTHS = {"swin_v1_t": 96, "swin_v1_s": 96, "swin_v1_b": 128, "swin_v1_l": 192}


def load(checkout: Path, backbone: str) -> torch.nn.Module:
    """The network in evaluation mode with random weights and the checkout's settings, but for the backbone."""
    sys.path.insert(0, str(checkout))
    # Only its training calls kornia.
    filters = types.ModuleType("kornia.filters")
    filters.laplacian = None
    sys.modules.setdefault("kornia.filters", filters)
    import config

    # Each of its modules makes a Config of its own, and the source text is the only place to choose a backbone.
    original = config.Config.__init__

    def init(self) -> None:
        original(self)
        self.bb = backbone
        # Twice the backbone's channels: it sees the photo at two sizes. Deepest first.
        channels = [2 * WIDTHS[backbone] * scale for scale in (8, 4, 2, 1)]
        self.lateral_channels_in_collection = channels
        self.cxt = channels[:0:-1][-self.cxt_num :]

    config.Config.__init__ = init
    from models.birefnet import BiRefNet

    torch.manual_seed(SEED)
    return BiRefNet(bb_pretrained=False).eval()


@torch.no_grad()
def liven(net: torch.nn.Module, picture: torch.Tensor, offsets: float = 2.0) -> None:
    """Makes the random weights behave like trained ones.

    As initialised, every deformable convolution has offsets of 0, and values shrink from layer to layer. Here offsets
    get a spread of some pixels, each batch norm takes its statistics from the picture, and logits get a spread of 3.
    """
    hooks = []
    for name, part in net.named_modules():
        if name.endswith(("offset_conv", "modulator_conv")):
            torch.nn.init.normal_(part.weight)
            hooks.append(part.register_forward_hook(spread(offsets if "offset" in name else 1.0)))
        elif isinstance(part, torch.nn.BatchNorm2d):
            hooks.append(part.register_forward_pre_hook(take_statistics))
        elif name == "decoder.conv_out1.0":
            hooks.append(part.register_forward_hook(spread(3.0)))
    net(picture)
    for hook in hooks:
        hook.remove()


def spread(wanted: float):
    """A hook that scales a convolution so that its answer has mean 0 and this standard deviation."""

    def hook(part: torch.nn.Conv2d, _inputs: tuple, answer: torch.Tensor) -> torch.Tensor:
        mean, scale = answer.mean(), wanted / answer.std()
        part.weight.mul_(scale)
        part.bias.sub_(mean).mul_(scale)
        return (answer - mean) * scale

    return hook


def take_statistics(part: torch.nn.BatchNorm2d, inputs: tuple) -> None:
    values = inputs[0]
    if values.shape[-1] > 1:
        part.running_mean.copy_(values.mean((0, 2, 3)))
        part.running_var.copy_(values.var((0, 2, 3)))
    else:  # A pooled map has no spread within a channel.
        part.running_var.fill_(values.square().mean())


class Logits(torch.nn.Module):
    """The last of its answers, which is the one at full size."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return self.net(picture)[-1]


@torch.onnx.symbolic_helper.parse_args(*"vvvvviiiiiiiib")
def deform_conv(g, x, weight, offset, mask, bias, sh, sw, ph, pw, dh, dw, groups, offset_groups, use_mask):
    """torchvision's operator as ONNX's own, which orders offsets alike: y, x for each point of the kernel."""
    return g.op(
        "DeformConv",
        *(x, weight, offset, bias, *([mask] if use_mask else [])),
        strides_i=[sh, sw],
        pads_i=[ph, pw, ph, pw],
        dilations_i=[dh, dw],
        kernel_shape_i=torch.onnx.symbolic_helper._get_tensor_sizes(weight)[2:],
        group_i=groups,
        offset_group_i=offset_groups,
    )


def tensor_of(image: Image.Image) -> np.ndarray:
    values = (np.asarray(image, np.float32) / 255 - MEAN) / STD
    return values.astype(np.float32).transpose(2, 0, 1)[None].copy()


def main() -> None:
    import onnx
    import onnxruntime

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--backbone", choices=WIDTHS, default="swin_v1_t")
    parser.add_argument("--size", type=int, default=1024)
    args = parser.parse_args()

    image = Image.open(args.photo).convert("RGB").resize((args.size, args.size), Image.Resampling.LANCZOS)
    image.save(args.out.with_suffix(".photo.png"))
    values = tensor_of(image)
    np.save(args.out.with_suffix(".input.npy"), values)
    picture = torch.from_numpy(values)

    net = load(args.checkout.absolute(), args.backbone)
    liven(net, picture)
    # Without gradients no activation outlives its use.
    net = Logits(net).requires_grad_(False)
    logits = net(picture).numpy()
    alpha = 1 / (1 + np.exp(-logits[0, 0]))
    Image.fromarray((alpha * 255).round().astype(np.uint8)).save(args.out.with_suffix(".alpha.png"))
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} million weights")
    print(f"logits {logits.mean():.2f} ± {logits.std():.2f}, {logits.min():.1f} to {logits.max():.1f}")

    torch.onnx.register_custom_op_symbolic("torchvision::deform_conv2d", deform_conv, OPSET)
    names = {"input_names": ["input_image"], "output_names": ["output_image"]}
    torch.onnx.export(net, (picture,), args.out, dynamo=False, opset_version=OPSET, **names)
    graph = onnx.load(args.out).graph
    deforming = sum(node.op_type == "DeformConv" for node in graph.node)
    print(f"{len(graph.node)} nodes, {deforming} DeformConv, {args.out.stat().st_size} bytes")

    session = onnxruntime.InferenceSession(args.out, providers=["CPUExecutionProvider"])
    answer = session.run(None, {"input_image": values})[0]
    difference = np.abs(answer - logits)
    print(f"logits of onnxruntime differ by {difference.mean():.2g}, {difference.max():.2g} at most")


if __name__ == "__main__":
    main()
