"""Mug, kettle and vase. Every product is a list of objects standing on z = 0."""

import numpy as np

from . import materials as m
from . import shapes as s


def mug(glaze=("0f5a66", "1f7f86", "5a3118"), clay="b58f6b"):
    wall = [
        (0, 0.035),
        (0.30, 0.035, 0.02),
        (0.325, 0.0, 0.02),
        (0.365, 0.0, 0.03),
        (0.435, 0.12, 0.10),
        (0.43, 0.97, 0.028),
        (0.385, 0.97, 0.028),
        (0.385, 0.13, 0.10),
        (0, 0.075),
    ]
    body = s.lathe("body", s.fillet(wall, 12))
    path = s.spline(
        [
            (0.38, 0, 0.76),
            (0.53, 0, 0.815),
            (0.685, 0, 0.735),
            (0.725, 0, 0.54),
            (0.655, 0, 0.33),
            (0.53, 0, 0.235),
            (0.38, 0, 0.225),
        ],
        16,
    )
    taper = 1 + 0.22 * np.cos(np.linspace(0, 2 * np.pi, len(path)))
    section = s.rounded_rectangle(0.135, 0.062, 0.03)
    handle = s.tube("handle", path, section, scale=taper, up=(0, 1, 0))
    for part in (body, handle):
        part.data.materials.append(None)
    item = s.fuse([body, handle], "mug", voxel=0.0045, rounds=10)
    item.data.materials[0] = m.stoneware("glaze", glaze, clay)
    return [item]


def kettle(colour="b3151b"):
    glaze, steel = m.enamel("enamel", colour), m.metal("steel", "cfd0d2")
    walnut = m.wood("walnut", "8a5a35", "4a2a17", 3)
    shell = [
        (0, 0.02),
        (0.70, 0.02, 0.05),
        (0.80, 0.07, 0.10),
        (0.86, 0.30, 0.30),
        (0.72, 0.78, 0.42),
        (0.36, 0.985, 0.05),
        (0.335, 0.985),
        (0.335, 0.95),
        (0, 0.95),
    ]
    body = s.lathe("body", s.fillet(shell, 16))
    path = s.spline(
        [(0.66, 0, 0.34), (0.86, 0, 0.46), (1.03, 0, 0.68), (1.13, 0, 0.88), (1.25, 0, 0.985)], 14
    )
    taper = np.interp(np.linspace(0, 1, len(path)), [0, 0.35, 0.8, 1], [1.75, 1.15, 0.74, 0.70])
    spout = s.tube("spout", path, s.circle(0.125, 40), scale=taper, up=(0, 1, 0))
    for part in (body, spout):
        part.data.materials.append(glaze)
    pot = s.fuse([body, spout], "pot", voxel=0.008, rounds=14)
    mouth = s.tube(
        "mouth",
        [path[-1] - 0.004 * (path[-1] - path[-2]), path[-1] + 0.35 * (path[-1] - path[-2])],
        s.circle(0.066, 40),
        m.plain("dark", "120808", 0.6),
        up=(0, 1, 0),
    )
    ahead = path[-1] - path[-2]
    ahead /= np.linalg.norm(ahead)
    across = np.cross(ahead, (0, 1, 0))
    ring = [
        path[-1] + 0.084 * (np.cos(a) * across + np.sin(a) * np.array([0, 1, 0]))
        for a in np.linspace(0, 2 * np.pi, 64, endpoint=False)
    ]
    lip = s.tube("lip", ring, s.circle(0.012, 16), steel, closed=True, up=tuple(ahead))
    base = s.turned("base", [(0, 0), (0.73, 0, 0.01), (0.735, 0.05, 0.01), (0, 0.05)], steel)
    lid = s.turned(
        "lid",
        [(0, 0.97), (0.345, 0.97, 0.008), (0.350, 0.995, 0.012), (0.22, 1.055, 0.3), (0, 1.085)],
        glaze,
        14,
    )
    collar = s.turned(
        "collar", [(0, 1.07), (0.07, 1.07, 0.01), (0.04, 1.10, 0.01), (0.04, 1.13), (0, 1.13)], steel
    )
    knob = s.turned(
        "knob",
        [(0, 1.115), (0.05, 1.115, 0.02), (0.10, 1.16, 0.05), (0.085, 1.225, 0.05), (0, 1.24)],
        walnut,
        14,
    )
    arch = s.spline(
        [
            (-0.58, 0, 0.90),
            (-0.62, 0, 1.22),
            (-0.44, 0, 1.55),
            (0, 0, 1.68),
            (0.44, 0, 1.55),
            (0.62, 0, 1.22),
            (0.58, 0, 0.90),
        ],
        20,
    )
    wire = s.tube("wire", arch, s.rounded_rectangle(0.105, 0.035, 0.016), steel, up=(0, 1, 0))
    middle = arch[42:79]
    length = np.linalg.norm(np.diff(middle, axis=0), axis=1).sum()
    grip = s.tube(
        "grip",
        middle,
        s.rounded_rectangle(0.17, 0.125, 0.055),
        walnut,
        up=(0, 1, 0),
        scale=s.round_ends(len(middle), length, 0.05),
    )
    parts = [pot, mouth, lip, base, lid, collar, knob, wire, grip]
    for x in (-0.585, 0.585):
        foot = s.tube(
            "foot",
            [(x * 0.9, 0, 0.84), (x * 1.0, 0, 0.88), (x * 1.005, 0, 0.96)],
            s.rounded_rectangle(0.15, 0.06, 0.025),
            steel,
            up=(0, 1, 0),
        )
        rivet = s.place(s.sphere("rivet", 0.028, steel, 32), (x * 1.045, 0, 0.93), scale=(0.6, 1, 1))
        parts += [foot, rivet]
    return parts


def vase():
    """A fluted white porcelain vase."""
    knots = [
        (0.30, 0.03),
        (0.46, 0.28),
        (0.575, 0.62),
        (0.52, 0.98),
        (0.34, 1.28),
        (0.235, 1.50),
        (0.225, 1.66),
        (0.29, 1.80),
    ]
    outer = s.spline(knots, 16)
    inner = (outer - (0.035, 0))[::-1]
    foot = s.fillet([(0, 0.012), (0.23, 0.012, 0.01), (0.25, 0, 0.01), (0.285, 0, 0.012), (0.30, 0.03)], 6)
    lip = [outer[-1] + (-0.0175 + 0.0175 * np.cos(a), 0.0175 * np.sin(a)) for a in np.linspace(0.3, 2.8, 8)]
    profile = np.vstack([foot, outer[1:], lip, inner[:-16], [(0, 0.3)]])

    def flutes(angle, z):
        depth = 0.042 * np.clip((z - 0.05) / 0.12, 0, 1) * np.clip((1.76 - z) / 0.25, 0, 1)
        return 1 - depth * (1 - np.abs(np.sin(angle * 14 + 0.5 * z)) ** 0.8)

    return [s.lathe("vase", profile, m.porcelain("bisque", "f3f1ec", 0.38), 840, flutes)]
