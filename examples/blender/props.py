"""Furniture, walls and clutter for the scenes."""

import numpy as np

from . import materials as m
from . import shapes as s


def plane(name, width, height, material, at, turn=(0, 0, 0)):
    w, h = width / 2, height / 2
    item = s.mesh(name, [(-w, -h, 0), (w, -h, 0), (w, h, 0), (-w, h, 0)], [(0, 1, 2, 3)], material)
    return s.place(item, at, turn)


def wall(material, y, width=24, height=14):
    return plane("wall", width, height, material, (0, y, height / 2 - 2), (90, 0, 0))


def tabletop(light, dark, top=0.0, depth=9.0, back=4.2, boards=7):
    """Planks side by side, each with its own stretch of grain."""
    width = depth / boards
    for i in range(boards):
        plank = s.box(
            "plank", (22, width - 0.008, 0.4), 0.012, m.wood(f"plank {i}", light, dark, 0.55, gloss=0.5)
        )
        plank.data.transform(s.Matrix.Translation((7.3 * i, 1.9 * i, 0)))
        s.place(plank, (-7.3 * i, back - (i + 0.5) * width - 1.9 * i, top - 0.2))


def book(size, colour, at, turn=(0, 0, 0), page="eee4d0"):
    """A closed hardback, spine to -y, lying flat."""
    width, depth, thick = size
    cloth = m.fabric("cover", colour, colour, 90, 0.1)
    parts = [
        s.place(
            s.box("pages", (width - 0.06, depth - 0.06, thick - 0.05), 0.004, pages(page)),
            (0, 0.01, thick / 2),
        ),
        s.place(s.box("lower", (width, depth, 0.025), 0.008, cloth), (0, 0, 0.0125)),
        s.place(s.box("upper", (width, depth, 0.025), 0.008, cloth), (0, 0, thick - 0.0125)),
        s.place(s.box("spine", (width, 0.03, thick), 0.012, cloth), (0, -depth / 2, thick / 2)),
        s.place(
            s.box("band", (0.10, 0.004, thick * 0.5), 0.001, m.metal("foil", "d8b26a", 0.3)),
            (-0.28 * width, -depth / 2 - 0.016, thick / 2),
        ),
        s.place(
            s.box("band", (0.30, 0.004, thick * 0.16), 0.001, m.metal("foil", "d8b26a", 0.3)),
            (0.05 * width, -depth / 2 - 0.016, thick / 2),
        ),
    ]
    return s.group(parts, at, turn)


def pages(colour):
    n = m.Nodes("pages")
    leaves = n.noise(30, 2, vector=n.stretch((0.1, 0.1, 6)))
    return n.finish(
        Base_Color=n.ramp(leaves, (0.3, tuple(0.7 * c for c in m.hexed(colour))), (0.7, m.hexed(colour))),
        Roughness=0.9,
    )


def books(at, sizes, colours, turns):
    z = at[2]
    for size, colour, turn in zip(sizes, colours, turns):
        book(size, colour, (at[0], at[1], z), (0, 0, turn))
        z += size[2]


def upright(at, heights, colours, depth=1.5):
    x = at[0]
    for i, (height, colour) in enumerate(zip(heights, colours)):
        thick = 0.22 + 0.07 * (i * 7 % 4)
        book((height, depth, thick), colour, (x + thick, at[1], at[2] + height / 2), (0, -90, 0))
        x += thick + 0.01


def leaf(length, width, bend, material):
    u, v = np.meshgrid(np.linspace(0, 1, 14), np.linspace(-1, 1, 7), indexing="ij")
    half = width * np.sin(np.pi * u**0.75) ** 0.9
    x = length * u
    y = half * v
    z = bend * u * (1 - 1.4 * u) + 0.25 * np.abs(y) + 0.02 * np.sin(9 * u) * v
    faces = [(7 * i + j, 7 * i + j + 1, 7 * i + j + 8, 7 * i + j + 7) for i in range(13) for j in range(6)]
    return s.mesh("leaf", np.stack([x, y, z], -1).reshape(-1, 3), faces, material)


def plant(at, count=34, size=1.0, colour="3f7a3a", pot="c8693f", seed=3):
    random = np.random.default_rng(seed)
    n = m.Nodes("leaf")
    veins = n.noise(5, 4)
    green = n.finish(
        Base_Color=n.mix(veins, m.hexed(colour), tuple(0.45 * c for c in m.hexed(colour))),
        Roughness=0.38,
        Subsurface_Weight=0.1,
        Subsurface_Scale=0.05,
    )
    clay = s.turned(
        "pot",
        [
            (0, 0),
            (0.40, 0, 0.03),
            (0.52, 0.78, 0.02),
            (0.57, 0.78, 0.02),
            (0.57, 0.95, 0.03),
            (0.50, 0.95, 0.02),
            (0.48, 0.80),
            (0, 0.80),
        ],
        m.paper("terracotta", pot, 0.8),
        8,
    )
    soil = m.plain("soil", "2a1d14", 0.95)
    parts = [clay, s.lathe("soil", [(0, 0.84), (0.49, 0.82)], soil)]
    for i in range(count):
        share = (i + 0.5) / count
        turn, tilt = 137.5 * i, 82 - 84 * share + random.normal(0, 6)
        length = size * (0.75 + 0.55 * (1 - share)) * random.uniform(0.8, 1.1)
        blade = leaf(length, 0.24 * length, random.uniform(0.2, 0.5), green)
        rise = 0.9 + size * 0.9 * (1 - share) * random.uniform(0.5, 1)
        foot = 0.12 * random.normal(size=2)
        reach = 0.25 * size * np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
        stem = s.spline(
            [(*foot, 0.80), (*(foot + 0.25 * reach), 0.5 * (0.8 + rise)), (*(foot + reach), rise)], 6
        )
        parts += [
            s.tube("stem", stem, s.circle(0.014, 8), green),
            s.place(blade, (*(foot + reach), rise), (0, -tilt * 0.6, turn)),
        ]
    s.group(parts, at)


def canister(at, radius, height, colour, lid="b98552"):
    body = s.turned(
        "canister",
        [(0, 0), (radius, 0, 0.06), (radius, height, 0.05), (0, height)],
        m.porcelain("glaze", colour),
    )
    cap = s.turned(
        "lid",
        [
            (0, height),
            (radius * 0.98, height, 0.01),
            (radius * 0.98, height + 0.16, 0.04),
            (0, height + 0.16),
        ],
        m.wood("lid", lid, "7d5128", 1.5),
        8,
    )
    knob = s.place(s.sphere("knob", 0.09, m.wood("knob", lid, "7d5128", 3), 32), (0, 0, height + 0.22))
    s.group([body, cap, knob], at)


def cutting_board(at, turn, size=(1.5, 2.3)):
    w, h = size[0] / 2, size[1]
    rim = s.fillet(
        [
            (-w, 0, 0.16),
            (w, 0, 0.16),
            (w, h, 0.3),
            (0.2, h + 0.06, 0.1),
            (0.17, h + 0.62, 0.16),
            (-0.17, h + 0.62, 0.16),
            (-0.2, h + 0.06, 0.1),
            (-w, h, 0.3),
        ],
        10,
        closed=True,
    )
    hole = s.circle(0.075, 32) + (0, h + 0.45)
    board = s.slab("board", [rim, hole], 0.16, 0.03, m.wood("board", "b47a45", "7c4a22", 1.2, (0, 1.57, 0)))
    s.place(board, at, turn)


def lemons(at, count=6, seed=5):
    random = np.random.default_rng(seed)
    n = m.Nodes("lemon")
    peel = n.finish(Base_Color=m.hexed("f0c419"), Roughness=0.38, Normal=n.bump(n.cells(22), 0.25, 0.02))
    bowl = s.turned(
        "bowl",
        [
            (0, 0.03),
            (0.28, 0, 0.03),
            (0.30, 0.06, 0.02),
            (0.78, 0.42, 0.25),
            (0.76, 0.45, 0.01),
            (0.5, 0.2, 0.3),
            (0, 0.12),
        ],
        m.porcelain("bowl", "2f5d7c"),
    )
    shape = s.fillet(
        [
            (0, -0.38),
            (0.05, -0.36, 0.03),
            (0.17, -0.24, 0.2),
            (0.26, 0, 0.4),
            (0.17, 0.24, 0.2),
            (0.05, 0.36, 0.03),
            (0, 0.38),
        ],
        8,
    )
    parts = [bowl]
    for i in range(count):
        angle = 2 * np.pi * i / (count - 1)
        ring = 0.0 if i == count - 1 else 0.38
        fruit = s.lathe("lemon", shape, peel, 48)
        parts.append(
            s.place(
                fruit,
                (ring * np.cos(angle), ring * np.sin(angle), 0.48 + (0.28 if ring == 0 else 0)),
                (70 + random.normal(0, 15), 0, random.uniform(0, 360)),
            )
        )
    s.group(parts, at)


def towels(at, colours, size=(1.5, 1.1)):
    z = at[2]
    for colour in colours:
        cloth = m.fabric("towel", colour, colour, 26, 0.6)
        for fold in range(2):
            layer = s.box("towel", (size[0], size[1], 0.15), 0.07, cloth, 8)
            s.place(layer, (at[0] + 0.02 * fold, at[1] - 0.015 * fold, z + 0.075), (0, 0, at[2] + 2 * fold))
            z += 0.142


def candle(at, colour="efe3cf"):
    wax = s.turned(
        "wax",
        [(0, 0), (0.32, 0, 0.02), (0.32, 0.82, 0.05), (0.25, 0.79, 0.05), (0, 0.78)],
        m.plain("wax", colour, 0.45, Subsurface_Weight=0.5, Subsurface_Scale=0.15),
        8,
    )
    wick = s.tube(
        "wick",
        [(0, 0, 0.77), (0.01, 0, 0.86), (0.03, 0, 0.90)],
        s.circle(0.012, 10),
        m.plain("wick", "1c1613", 0.9),
    )
    s.group([wax, wick], at)


def block(at, letter, colour, turn=0, size=0.62):
    body = s.box("block", (size, size, size), 0.035, m.wood("block", "e2b987", "c08e55", 2.2))
    paint = m.plastic("paint", colour, 0.4)
    panel = s.box("panel", (size * 0.78, 0.012, size * 0.78), 0.004, paint)
    panel.location = (0, -size / 2, 0)
    glyph = s.text(
        "letter", letter, size * 0.7, m.plastic("white", "f6f2e8", 0.45), (0, -size / 2 - 0.007, -size * 0.24)
    )
    other = s.box("panel", (0.012, size * 0.78, size * 0.78), 0.004, paint)
    other.location = (-size / 2, 0, 0)
    s.group([body, panel, glyph, other], (at[0], at[1], at[2] + size / 2), (0, 0, turn))


def ball(at, radius, colours):
    n = m.Nodes("ball")
    angle = n.node("TexGradient", Vector=n.position)
    angle.gradient_type = "RADIAL"
    node = n.node("ValToRGB", Fac=n.math("FRACT", n.math("MULTIPLY", angle.outputs["Fac"], 3)))
    node.color_ramp.interpolation = "CONSTANT"
    node.color_ramp.elements.new(0.5)
    for i, element in enumerate(node.color_ramp.elements):
        element.position, element.color = i / 3, (*m.hexed(colours[i]), 1)
    item = s.sphere("ball", radius, n.finish(Base_Color=node.outputs["Color"], Roughness=0.3))
    s.place(item, (at[0], at[1], at[2] + radius), (35, 25, 0))


def frame(at, size, colours, turn=(0, 0, 0)):
    """A framed abstract print facing -y."""
    w, h = size
    n = m.Nodes("print")
    space = n.stretch((1, 1, 1))
    tone = n.node("TexNoise", Vector=space, Scale=0.9, Detail=1.0).outputs["Fac"]
    node = n.node("ValToRGB", Fac=tone)
    node.color_ramp.interpolation = "CONSTANT"
    while len(node.color_ramp.elements) < len(colours):
        node.color_ramp.elements.new(0.5)
    for i, (element, colour) in enumerate(zip(node.color_ramp.elements, colours)):
        element.position, element.color = (0, 0.44, 0.52, 0.6)[i], (*m.hexed(colour), 1)
    picture = plane(
        "print",
        w * 0.72,
        h * 0.76,
        n.finish(Base_Color=node.outputs["Color"], Roughness=0.6),
        (0, -0.012, 0),
        (90, 0, 0),
    )
    parts = [plane("mount", w, h, m.plain("mount", "f3efe6", 0.9), (0, 0, 0), (90, 0, 0)), picture]
    oak = m.wood("oak", "a8743f", "6d4520", 1.4)
    for x in (-1, 1):
        parts.append(s.place(s.box("stile", (0.11, 0.14, h + 0.11), 0.012, oak), (x * w / 2, 0, 0)))
        parts.append(s.place(s.box("rail", (w + 0.11, 0.14, 0.11), 0.012, oak), (0, 0, x * h / 2)))
    s.group(parts, at, turn)


def tiles(colour, grout, size=0.75, stacked=False):
    """Glazed wall tiles, no two quite the same shade."""
    n = m.Nodes("tiles")
    light, dark = m.hexed(colour), tuple(0.72 * c for c in m.hexed(colour))
    brick = n.node(
        "TexBrick",
        Vector=n.position,
        Color1=light,
        Color2=dark,
        Mortar=m.hexed(grout),
        Scale=1.0,
        Mortar_Size=0.018,
        Mortar_Smooth=0.3,
        Bias=-0.1,
        Brick_Width=size if stacked else 2 * size,
        Row_Height=size * (2.4 if stacked else 1),
    )
    brick.offset = 0.0 if stacked else 0.5
    height = n.math("MULTIPLY_ADD", n.noise(1.4, 2), 0.25, n.math("SUBTRACT", 1.0, brick.outputs["Fac"]))
    return n.finish(
        Base_Color=brick.outputs["Color"],
        Roughness=n.math("MULTIPLY_ADD", brick.outputs["Fac"], 0.6, 0.14),
        Normal=n.bump(height, 0.5, 0.05),
    )


def ringed_wallpaper(paper, ink, scale=1.1):
    """Overlapping rings in rows."""
    n = m.Nodes("wallpaper")
    cells = n.node("TexVoronoi", Vector=n.position, Scale=scale, Randomness=0.0)
    rings = n.math("FRACT", n.math("MULTIPLY", cells.outputs["Distance"], 5.2))
    lines = n.ramp(rings, (0.38, 0.0), (0.44, 1.0), (0.62, 1.0), (0.68, 0.0))
    return n.finish(Base_Color=n.mix(lines, m.hexed(paper), m.hexed(ink)), Roughness=0.75)


def terrazzo(base, chips):
    n = m.Nodes("terrazzo")
    cells = n.node("TexVoronoi", Vector=n.position, Scale=5.0)
    border = n.cells(5.0, "DISTANCE_TO_EDGE")
    pick = n.node("SeparateXYZ", Vector=cells.outputs["Color"]).outputs
    node = n.node("ValToRGB", Fac=pick["X"])
    node.color_ramp.interpolation = "CONSTANT"
    while len(node.color_ramp.elements) < len(chips):
        node.color_ramp.elements.new(0.5)
    for i, (element, chip) in enumerate(zip(node.color_ramp.elements, chips)):
        element.position, element.color = i / len(chips), (*m.hexed(chip), 1)
    edge = n.math("MULTIPLY_ADD", pick["Y"], 0.14, 0.03)
    inside = n.math("GREATER_THAN", border, edge)
    fine = n.mix(n.ramp(n.cells(24), (0.16, 0.0), (0.2, 1.0)), m.hexed(chips[1]), m.hexed(base))
    return n.finish(Base_Color=n.mix(inside, fine, node.outputs["Color"]), Roughness=0.3)


def rug(colours):
    """Woven diamonds."""
    n = m.Nodes("rug")
    a = n.node("TexWave", Vector=n.stretch((0.42, 0.42, 1), (0, 0, 0.6)), Scale=1.0).outputs["Fac"]
    b = n.node("TexWave", Vector=n.stretch((0.42, 0.42, 1), (0, 0, -0.6)), Scale=1.0).outputs["Fac"]
    node = n.node("ValToRGB", Fac=n.math("MULTIPLY", n.math("ADD", a, b), 0.5))
    node.color_ramp.interpolation = "CONSTANT"
    while len(node.color_ramp.elements) < len(colours):
        node.color_ramp.elements.new(0.5)
    for i, (element, colour) in enumerate(zip(node.color_ramp.elements, colours)):
        element.position, element.color = (0, 0.34, 0.56, 0.8)[i], (*m.hexed(colour), 1)
    pile = n.math("ADD", n.cells(24), n.noise(40, 4))
    return n.finish(
        Base_Color=node.outputs["Color"], Roughness=0.95, Sheen_Weight=0.3, Normal=n.bump(pile, 0.8, 0.03)
    )
