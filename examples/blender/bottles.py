"""Cosmetics and glass, with printed labels. Every product is a list of objects standing on z = 0."""

import bmesh
import numpy as np

from . import materials as m
from . import shapes as s


def cosmetics():
    """A jar and a pump bottle with printed labels."""
    rose, ivory = m.plastic("rose", "d98f86", 0.3), m.plastic("ivory", "efe6da", 0.34)
    gold, ink = m.metal("gold", "e3b778", 0.22), m.plain("ink", "4a2a26", 0.5)
    jar = s.turned(
        "jar",
        [
            (0, 0.012),
            (0.33, 0.012, 0.01),
            (0.36, 0, 0.02),
            (0.43, 0, 0.07),
            (0.43, 0.37, 0.05),
            (0.36, 0.37),
            (0, 0.37),
        ],
        ivory,
        14,
    )
    lid = s.turned("lid", [(0, 0.378), (0.415, 0.378, 0.012), (0.415, 0.63, 0.03), (0, 0.63)], gold, 14)
    band = s.text("brand", "VELOUR", 0.115, ink, (0, 0, 0.185), 1.35)
    line = s.text("line", "crème de rose  50 ml", 0.047, ink, (0, 0, 0.105), 1.1)
    jar_parts = [jar, lid, s.wrap(band, 0.4305), s.wrap(line, 0.4305)]
    s.group(jar_parts, (0.56, -0.34, 0), (0, 0, 14))

    bottle = s.turned(
        "bottle",
        [
            (0, 0.012),
            (0.24, 0.012, 0.01),
            (0.27, 0, 0.02),
            (0.355, 0, 0.06),
            (0.355, 1.16, 0.11),
            (0.15, 1.24, 0.03),
            (0.15, 1.30),
            (0, 1.30),
        ],
        rose,
        14,
    )
    collar = s.turned(
        "collar",
        [(0, 1.255), (0.19, 1.255, 0.01), (0.19, 1.42, 0.02), (0.09, 1.42, 0.01), (0.09, 1.46), (0, 1.46)],
        gold,
    )
    stem = s.turned("stem", [(0, 1.45), (0.055, 1.45), (0.055, 1.58), (0, 1.58)], gold)
    head = s.turned("head", [(0, 1.555), (0.125, 1.555, 0.02), (0.125, 1.68, 0.03), (0, 1.68)], ivory)
    path = s.fillet([(0, 1.625), (-0.33, 1.625, 0.05), (-0.37, 1.555)], 10)
    spout = s.tube("spout", [(x, 0, z) for x, z in path], s.circle(0.042, 32), ivory, up=(0, 1, 0))
    hollow = s.tube(
        "hollow", [(-0.3665, 0, 1.561), (-0.3705, 0, 1.5535)], s.circle(0.027, 32), ink, up=(0, 1, 0)
    )
    big = s.text("brand", "VELOUR", 0.118, ivory, (0, 0, 0.78), 1.3)
    small = s.text("line", "body lotion", 0.07, ivory, (0, 0, 0.665), 1.1)
    tiny = s.text("net", "rose & oat   250 ml", 0.045, ivory, (0, 0, 0.17), 1.1)
    parts = [bottle, collar, stem, head, spout, hollow] + [s.wrap(t, 0.3555) for t in (big, small, tiny)]
    s.group(parts, (-0.20, 0.12, 0), (0, 0, -16))
    return jar_parts + parts


def apothecary_bottle(tint="9adfb8"):
    """Green glass with a cork, a shell with real wall thickness."""
    outer = s.fillet(
        [
            (0, 0.05),
            (0.26, 0.05, 0.04),
            (0.30, 0.0, 0.02),
            (0.42, 0.0, 0.06),
            (0.42, 1.02, 0.22),
            (0.125, 1.26, 0.12),
            (0.125, 1.55),
            (0.175, 1.56, 0.012),
            (0.175, 1.64, 0.02),
            (0.10, 1.645, 0.01),
        ],
        14,
    )
    inner = s.fillet(
        [
            (0.10, 1.645),
            (0.095, 1.25, 0.14),
            (0.385, 1.00, 0.20),
            (0.385, 0.06, 0.10),
            (0.2, 0.10, 0.1),
            (0, 0.10),
        ],
        14,
    )
    bottle = s.lathe("bottle", np.vstack([outer, inner[1:]]), m.glass("green glass", tint), 192)
    cork = s.turned(
        "cork",
        [(0, 1.44), (0.088, 1.44, 0.01), (0.096, 1.66), (0.115, 1.80, 0.02), (0, 1.80)],
        m.cork("cork"),
        8,
    )
    return [bottle, cork]


def dropper_bottle():
    """Amber serum bottle with liquid, a printed label and a black rubber dropper."""
    outer = s.fillet(
        [
            (0, 0.04),
            (0.22, 0.04, 0.03),
            (0.25, 0.0, 0.02),
            (0.345, 0.0, 0.05),
            (0.345, 0.80, 0.13),
            (0.16, 0.90, 0.05),
            (0.16, 1.02),
            (0.13, 1.02),
        ],
        14,
    )
    inner = s.fillet(
        [(0.13, 1.02), (0.13, 0.89, 0.05), (0.312, 0.785, 0.11), (0.312, 0.05, 0.06), (0, 0.06)], 14
    )
    bottle = s.lathe("bottle", np.vstack([outer, inner[1:]]), m.glass("amber glass", "e39a4a"), 192)
    label = s.lathe("label", [(0.3475, 0.18), (0.3475, 0.66)], m.plain("label", "f3eee4", 0.6))
    keep_front(label)
    ink = m.plain("ink", "26221e", 0.6)
    words = [
        s.text("brand", "LUMEN", 0.105, ink, (0, 0, 0.47), 1.4),
        s.text("line", "vitamin C serum", 0.05, ink, (0, 0, 0.375), 1.1),
        s.text("net", "30 ml", 0.042, ink, (0, 0, 0.24), 1.2),
    ]
    cap = s.turned(
        "cap",
        [(0, 0.93), (0.20, 0.93, 0.01), (0.20, 1.17, 0.02), (0.12, 1.17, 0.01), (0, 1.17)],
        m.metal("cap", "c9c9c9", 0.25),
        8,
    )
    squeeze = s.spline(
        [
            (0.112, 1.165),
            (0.120, 1.21),
            (0.108, 1.30),
            (0.095, 1.38),
            (0.098, 1.47),
            (0.086, 1.54),
            (0.05, 1.58),
            (0, 1.588),
        ],
        8,
    )
    bulb = s.lathe("bulb", squeeze, m.plastic("rubber", "1b1b1b", 0.5))
    pipette = s.turned(
        "pipette",
        [(0, 0.14), (0.018, 0.14, 0.01), (0.035, 0.26, 0.05), (0.035, 1.0), (0, 1.0)],
        m.glass("pipette"),
        6,
    )
    return [bottle, label, cap, bulb, pipette] + [s.wrap(word, 0.348) for word in words]


def keep_front(item):
    """Drop the faces of a turned band that lie behind the axis."""
    work = bmesh.new()
    work.from_mesh(item.data)
    back = [f for f in work.faces if f.calc_center_median().y > -0.02]
    bmesh.ops.delete(work, geom=back, context="FACES")
    work.to_mesh(item.data)
    work.free()
