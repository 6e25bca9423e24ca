"""Handbag, headphones and toy car. Every product is a list of objects standing on z = 0."""

import numpy as np

from . import materials as m
from . import shapes as s


def handbag(colour="a4562a", dark="5d2a12", lining="3a1a0c"):
    skin = m.leather("leather", colour, dark, 62)
    trim = m.leather("trim", dark, lining, 80)
    gold, thread = m.metal("gold", "dfb876", 0.16), m.plain("thread", "e9cfa0", 0.8)

    def width(z):
        return 1.62 - 0.20 * z

    def depth(z):
        return 0.62 - 0.36 * z

    rings = []
    for z, inset in (
        [(0.0, 0.06), (0.012, 0.025), (0.04, 0.004)]
        + [(z, 0.0) for z in np.linspace(0.08, 1.10, 24)]
        + [(1.13, 0.012), (1.15, 0.04)]
    ):
        pillow = 0.03 * np.sin(np.pi * np.clip(z / 1.15, 0, 1))
        outline = s.rounded_rectangle(
            width(z) - 2 * inset, depth(z) - 2 * inset, min(0.10, depth(z) / 2.4), 10
        )
        swell = np.cos(np.pi * np.clip(outline[:, 0] / width(z), -0.5, 0.5))
        outline[:, 1] += np.sign(outline[:, 1]) * pillow * swell
        rings.append((outline, z))
    parts = [s.loft("body", rings, skin)]

    bend = np.linspace(0, np.pi / 2, 8)
    for side in (-1, 1):
        z = np.linspace(1.10, 0.07, 16)
        edge = np.stack([-width(z) / 2 + 0.03, side * (depth(z) / 2 - 0.03), z], -1)
        corner = edge[-1] + 0.05 * np.stack([1 - np.cos(bend), 0 * bend, -np.sin(bend)], -1)
        half = np.vstack([edge[:-1], corner])
        path = np.vstack([half, (half * (-1, 1, 1))[::-1]])
        parts.append(s.tube("piping", path, s.circle(0.02, 16), trim, up=(0, 1, 0)))

    front = [
        (-(depth(z) / 2 + 0.03 * np.sin(np.pi * z / 1.15) + 0.022), z) for z in np.linspace(1.10, 0.50, 40)
    ]
    over = s.spline([(0.12, 1.08), (0.10, 1.155), (0.0, 1.185), (-0.09, 1.165), front[0]], 8)
    track = np.vstack([over, front[1:]])
    track = np.stack([np.zeros(len(track)), track[:, 0], track[:, 1]], -1)
    drop = np.clip((0.86 - track[:, 2]) / 0.36, 0, 1)
    drop[: len(over)] = 0
    half = 0.68 * np.maximum(1 - drop**2.6, 0.0) ** (1 / 2.6)
    scale = np.stack([np.maximum(2 * half, 0.02), np.ones(len(track))], -1)
    flap = s.tube("flap", track, s.rounded_rectangle(1.0, 0.036, 0.016), skin, scale=scale, up=(0, 0, 1))
    parts.append(flap)
    hem = [(-(h - 0.045), y - 0.021, z) for h, (_, y, z) in zip(half, track) if h > 0.3 and z < 1.08]
    low = hem[-1][2] - 0.012
    curve = (
        hem + [(x, hem[-1][1] - 0.002, low) for x in (-0.12, 0.12)] + [(-x, y, z) for x, y, z in hem[::-1]]
    )
    parts.append(s.stitches("seam", s.spline(curve, 3), thread, 0.038, 0.026, 0.0045))

    plate = s.box("plate", (0.24, 0.03, 0.17), 0.012, gold)
    bar = s.box("bar", (0.07, 0.07, 0.13), 0.02, gold)
    rim = s.box("rim", (0.17, 0.045, 0.10), 0.018, gold)
    for item, reach in ((plate, 0.02), (rim, 0.03), (bar, 0.055)):
        parts.append(s.place(item, (0, track[-8][1] - reach, 0.60), (-9, 0, 0)))

    for side in (-1, 1):
        parts.append(s.place(s.box("tab", (0.15, 0.30, 0.035), 0.014, trim), (side * 0.46, 0, 1.20)))
        loop = [
            (side * 0.46 + 0.075 * np.cos(a), 0, 1.275 + 0.075 * np.sin(a))
            for a in np.linspace(0, 2 * np.pi, 48, endpoint=False)
        ]
        parts.append(s.tube("ring", loop, s.circle(0.017, 16), gold, closed=True, up=(0, 1, 0)))
        stud = s.sphere("stud", 0.024, gold, 24)
        parts.append(s.place(stud, (side * 0.46, -0.10, 1.217), scale=(1, 1, 0.5)))
    arch = s.spline(
        [
            (-0.46, 0, 1.33),
            (-0.465, 0, 1.45),
            (-0.40, 0, 1.68),
            (-0.20, 0, 1.83),
            (0, 0, 1.865),
            (0.20, 0, 1.83),
            (0.40, 0, 1.68),
            (0.465, 0, 1.45),
            (0.46, 0, 1.33),
        ],
        12,
    )
    length = np.linalg.norm(np.diff(arch, axis=0), axis=1).sum()
    parts.append(
        s.tube(
            "handle",
            arch,
            s.rounded_rectangle(0.115, 0.085, 0.04),
            trim,
            up=(0, 1, 0),
            scale=s.round_ends(len(arch), length, 0.03),
        )
    )
    parts.append(s.stitches("grip seam", arch[10:-10] - (0, 0.058, 0), thread, 0.038, 0.026, 0.004))
    return parts


def headphones(shell="1f2f4f", pad="b9793f", ring="d7b27a"):
    body, leather = m.plastic("shell", shell, 0.42, 0.12), m.leather("pad", pad, "8a5a30", 90)
    trim, black = m.metal("trim", ring, 0.2), m.fabric("mesh", "242424", "0c0c0c", 40, 0.1)
    parts = []
    for side in (-1, 1):
        cup = s.turned(
            "cup",
            [
                (0, 0.30),
                (0.24, 0.30, 0.02),
                (0.26, 0.285, 0.02),
                (0.40, 0.25, 0.10),
                (0.44, 0.06, 0.05),
                (0.36, 0.0),
                (0, 0),
            ],
            body,
            12,
        )
        disc = s.turned(
            "disc", [(0.245, 0.297), (0.245, 0.312, 0.005), (0.225, 0.312, 0.005), (0.225, 0.297)], trim, 4
        )
        seam = s.turned(
            "seam", [(0.425, 0.045), (0.448, 0.055, 0.008), (0.448, 0.085, 0.008), (0.42, 0.09)], trim, 6
        )
        angles = np.linspace(0, 2 * np.pi, 40)
        oval = np.stack([0.315 + 0.125 * np.cos(angles), -0.085 + 0.10 * np.sin(angles)], -1)
        cushion = s.lathe("cushion", oval, leather)
        inner = s.lathe("inner", [(0, -0.02), (0.30, -0.02)], black)
        unit = [cup, disc, seam, cushion, inner]
        for item in unit:
            item.scale = (1.08, 0.92, 1)
        s.group(unit, (0, 0, 0), (0, 90 * side, 0))
        for y in (-1, 1):
            hub = s.turned("hub", [(0, 0), (0.045, 0, 0.01), (0.045, 0.05, 0.012), (0, 0.05)], trim)
            s.group([hub], (side * 0.15, y * 0.395, 0), (-90 * y, 0, 0))
            unit.append(hub)
        fork = s.spline(
            [
                (side * 0.15, -0.44, 0.0),
                (side * 0.15, -0.46, 0.16),
                (side * 0.155, -0.40, 0.36),
                (side * 0.16, -0.22, 0.52),
                (side * 0.16, 0, 0.57),
                (side * 0.16, 0.22, 0.52),
                (side * 0.155, 0.40, 0.36),
                (side * 0.15, 0.46, 0.16),
                (side * 0.15, 0.44, 0.0),
            ],
            10,
        )
        unit.append(s.tube("fork", fork, s.rounded_rectangle(0.085, 0.03, 0.013), trim, up=(0, 0, 1)))
        stalk = s.box("stalk", (0.05, 0.16, 0.26), 0.02, body)
        unit.append(s.place(stalk, (side * 0.16, 0, 0.64)))
        parts += s.group(unit, (side * 0.60, 0, 0.491), (0, 7 * side, 0))
    arch = s.spline(
        [
            (-0.845, 0, 1.10),
            (-0.855, 0, 1.30),
            (-0.77, 0, 1.60),
            (-0.48, 0, 1.86),
            (0, 0, 1.96),
            (0.48, 0, 1.86),
            (0.77, 0, 1.60),
            (0.855, 0, 1.30),
            (0.845, 0, 1.10),
        ],
        14,
    )
    band = s.tube(
        "band",
        arch,
        s.rounded_rectangle(0.22, 0.045, 0.02),
        body,
        up=(0, 0, 1),
        scale=s.round_ends(len(arch), 3.0, 0.02),
    )
    cushion = arch[24:-23] - 0.055 * np.stack(
        [
            np.sin(np.linspace(-1.1, 1.1, len(arch) - 47)),
            0 * arch[24:-23, 0],
            np.cos(np.linspace(-1.1, 1.1, len(arch) - 47)),
        ],
        -1,
    )
    padding = s.tube(
        "padding",
        cushion,
        s.rounded_rectangle(0.235, 0.105, 0.05),
        leather,
        up=(0, 0, 1),
        scale=s.round_ends(len(cushion), 2.0, 0.14),
    )
    return parts + [band, padding]


def toy_car(paint="e2572b", wheel="f0b43c"):
    timber = m.wood("beech", "dfb27a", "bd8749", 2.3)
    rim, hub, tyre = (
        m.plastic("paint", wheel, 0.38),
        m.wood("peg", "d9a566", "a86f38", 3),
        m.plastic("tyre", "2b2b2b", 0.6),
    )
    lacquer = m.plastic("lacquer", paint, 0.3)
    outline = s.fillet(
        [
            (-1.0, 0.24, 0.10),
            (1.02, 0.24, 0.12),
            (1.06, 0.58, 0.20),
            (0.58, 0.68, 0.12),
            (0.30, 1.10, 0.30),
            (-0.52, 1.12, 0.32),
            (-0.84, 0.72, 0.14),
            (-1.04, 0.62, 0.14),
        ],
        14,
        closed=True,
    )
    window = s.fillet(
        [(0.00, 0.72, 0.06), (0.00, 0.97, 0.07), (0.20, 0.97, 0.14), (0.38, 0.72, 0.06)], 10, closed=True
    )
    rear = s.fillet(
        [(-0.60, 0.72, 0.06), (-0.46, 0.97, 0.12), (-0.12, 0.97, 0.07), (-0.12, 0.72, 0.06)], 10, closed=True
    )
    parts = [s.slab("body", [outline, window, rear], 0.60, 0.045, timber)]
    skirt = s.fillet(
        [(-1.055, 0.215, 0.10), (1.075, 0.215, 0.12), (1.10, 0.44, 0.06), (-1.08, 0.44, 0.06)],
        12,
        closed=True,
    )
    parts.append(s.slab("skirt", [skirt], 0.68, 0.04, lacquer))
    for x in (-0.58, 0.60):
        for y in (-1, 1):
            tread = s.turned(
                "tyre",
                [
                    (0, -0.07),
                    (0.23, -0.07, 0.01),
                    (0.265, -0.05, 0.03),
                    (0.265, 0.05, 0.03),
                    (0.23, 0.07, 0.01),
                    (0, 0.07),
                ],
                tyre,
            )
            face = s.turned(
                "rim",
                [
                    (0, 0.03),
                    (0.195, 0.03),
                    (0.195, 0.085, 0.02),
                    (0.15, 0.085, 0.02),
                    (0.12, 0.06, 0.02),
                    (0, 0.06),
                ],
                rim,
                8,
            )
            peg = s.turned("peg", [(0, 0.05), (0.07, 0.05), (0.07, 0.115, 0.03), (0, 0.125)], hub, 8)
            parts += s.group([tread, face, peg], (x, y * 0.40, 0.265), (-90 * y, 0, 0))
    for y in (-0.2, 0.2):
        lamp = s.turned("lamp", [(0, 0), (0.07, 0, 0.01), (0.07, 0.05, 0.03), (0, 0.06)], rim, 8)
        parts += s.group([lamp], (1.035, y, 0.525), (0, 80, 0))
    return parts
