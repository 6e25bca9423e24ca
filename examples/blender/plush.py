"""Furry things. Every product is a list of objects standing on z = 0."""

import numpy as np

from . import materials as m
from . import shapes as s
from .fur import fur


def pompom(colour="bfc2c9"):
    """Long fine fur on a key ring with a leather strap."""
    random = np.random.default_rng(7)
    gold, hide = m.metal("gold", "e0b66f", 0.16), m.leather("strap", "6d2f23", "32120c", 70)
    core = s.place(s.sphere("core", 0.30, m.plain("core", colour, 0.9)), (0, 0, 0.56))
    coat = fur(
        "fur",
        [core],
        42000,
        0.40,
        m.hair("fur", colour, 0.3, 0.45),
        random,
        droop=0.16,
        wild=0.24,
        radius=0.0016,
    )
    cap = s.turned("cap", [(0, 0.90), (0.09, 0.90, 0.02), (0.07, 1.00, 0.03), (0, 1.02)], gold, 8)

    def hoop(radius, wire, z, lean):
        a = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        path = np.stack([radius * np.sin(a), lean * radius * np.sin(a), z + radius * np.cos(a)], -1)
        return s.tube("hoop", path, s.circle(wire, 14), gold, closed=True, up=(0, 1, 0))

    loop = s.spline(
        [
            (0.02, -0.02, 1.52),
            (0.10, -0.03, 1.72),
            (0.11, -0.02, 1.98),
            (0, 0, 2.10),
            (-0.11, 0.02, 1.98),
            (-0.10, 0.03, 1.72),
            (-0.02, 0.02, 1.52),
        ],
        12,
    )
    strap = s.tube("strap", loop, s.rounded_rectangle(0.10, 0.026, 0.011), hide, closed=True, up=(0, 0, 1))
    return [core, coat, cap, hoop(0.055, 0.013, 1.065, 2.5), hoop(0.21, 0.017, 1.30, 0.4), strap]


def bear():
    """A plush bear, sitting."""
    random = np.random.default_rng(11)
    brown, cream = "a9713f", "e9d3ad"
    skin, pale = m.plain("skin", "7c5230", 0.9), m.plain("pale", cream, 0.9)
    black = m.plastic("button", "120c0a", 0.12)

    def lump(at, size, material, turn=(0, 0, 0)):
        return s.place(s.sphere("lump", 1, material, 48), at, turn, size)

    dark = [lump((0, 0, 0.46), (0.40, 0.36, 0.45), skin), lump((0, -0.05, 1.10), (0.37, 0.34, 0.33), skin)]
    light = [lump((0, -0.29, 1.03), (0.155, 0.12, 0.115), pale)]
    for x in (-1, 1):
        dark += [
            lump((0.27 * x, 0.0, 1.38), (0.125, 0.07, 0.125), skin, (0, 18 * x, 0)),
            lump((0.43 * x, -0.12, 0.60), (0.13, 0.13, 0.29), skin, (-22, -26 * x, 0)),
            lump((0.27 * x, -0.36, 0.17), (0.155, 0.30, 0.155), skin, (0, 0, 16 * x)),
        ]
        light += [
            lump((0.355 * x, -0.645, 0.175), (0.115, 0.05, 0.12), pale, (0, 0, 16 * x)),
            lump((0.27 * x, -0.055, 1.38), (0.075, 0.03, 0.075), pale, (0, 18 * x, 0)),
        ]
    coat = fur(
        "coat",
        dark,
        90000,
        0.105,
        m.hair("brown fur", brown, 0.35, 0.35),
        random,
        droop=0.03,
        wild=0.5,
        radius=0.0022,
        clumps=2600,
    )
    soft = fur(
        "soft",
        light,
        16000,
        0.06,
        m.hair("cream fur", cream, 0.4, 0.2),
        random,
        droop=0.02,
        wild=0.4,
        radius=0.002,
        clumps=600,
    )
    eyes = [s.place(s.sphere("eye", 0.05, black, 32), (0.13 * x, -0.40, 1.17)) for x in (-1, 1)]
    nose = s.place(s.sphere("nose", 1, black, 32), (0, -0.465, 1.075), scale=(0.068, 0.04, 0.046))
    return dark + light + [coat, soft, nose] + eyes + bow("b3262e")


def bow(colour):
    """A ribbon around the neck with a tied bow."""
    silk = m.fabric("silk", colour, "7d151c", 30, 0.5)
    around = [
        (0.27 * np.cos(a), -0.04 + 0.25 * np.sin(a), 0.835 + 0.02 * np.sin(a))
        for a in np.linspace(0, 2 * np.pi, 64, endpoint=False)
    ]
    parts = [s.tube("ribbon", around, s.rounded_rectangle(0.12, 0.16, 0.05), silk, closed=True)]
    for x in (-1, 1):
        loop = s.spline(
            [
                (0, -0.40, 0.82),
                (0.10 * x, -0.46, 0.87),
                (0.25 * x, -0.46, 0.92),
                (0.29 * x, -0.42, 0.83),
                (0.22 * x, -0.40, 0.76),
                (0.09 * x, -0.40, 0.80),
                (0, -0.40, 0.82),
            ],
            8,
        )
        parts.append(s.tube("loop", loop, s.rounded_rectangle(0.012, 0.13, 0.005), silk, up=(0, 1, 0)))
        tail = s.spline(
            [(0, -0.41, 0.81), (0.07 * x, -0.45, 0.72), (0.13 * x, -0.45, 0.60), (0.20 * x, -0.46, 0.53)], 8
        )
        parts.append(s.tube("tail", tail, s.rounded_rectangle(0.11, 0.012, 0.005), silk, up=(0, 1, 0)))
    parts.append(s.place(s.box("knot", (0.09, 0.08, 0.10), 0.03, silk), (0, -0.425, 0.82)))
    return parts
