"""The pictures: which product, in which set, under which light."""

from collections.abc import Callable
from dataclasses import dataclass

from . import bottles, goods, plush, props, studio, tableware
from . import materials as m
from . import shapes as s

PICTURES = {}


@dataclass
class Picture:
    name: str
    kind: str
    description: str
    backdrops: list
    size: tuple
    build: Callable
    white: float = 0.93
    samples: int = 48
    noise: float = 1.3


def picture(name, kind, description, backdrops, size, **options):
    def register(build):
        PICTURES[name] = Picture(name, kind, description, backdrops, size, build, **options)
        return build

    return register


def daylight(key=250, strip=70, fill=45, rim=110, top=120, wall=0):
    """Large key high on the left, a standing strip below it, a broad weak fill on the right."""
    studio.softbox((-4.2, -2.6, 4.6), (3.2, 3.2), key)
    studio.softbox((-3.4, -2.2, 1.3), (1.1, 2.6), strip)
    studio.softbox((4.6, -3.0, 2.0), (2.5, 4.0), fill)
    studio.softbox((2.6, 4.2, 4.4), (1.2, 4.0), rim)
    studio.softbox((0, 1.0, 7.5), (7, 5), top)
    if wall:
        studio.softbox((0, 2.5, 6.5), (14, 1.5), wall, target=(0, 9, 2.5))


@picture(
    "packshots/mug",
    "plain",
    "Speckled stoneware mug on warm grey paper",
    ["#12323a", "#f2c14e", "#ffffff"],
    (1400, 1120),
    white=0.9,
    samples=96,
)
def mug():
    studio.sweep(m.paper("paper", "d9d4cd"))
    daylight()
    studio.camera((-1.0, -9.6, 2.25), (0.14, 0, 0.47), lens=168, fstop=22)
    items = tableware.mug()
    items[0].rotation_euler.z = -0.45
    return items


@picture(
    "packshots/kettle",
    "plain",
    "Red enamel kettle with a walnut grip on light grey",
    ["#1d3557", "#f6e7cb", "#2a9d8f"],
    (1280, 1280),
    white=0.87,
    samples=64,
)
def kettle():
    studio.sweep(m.paper("paper", "c9cbcd"))
    daylight()
    studio.camera((-1.5, -11.5, 2.7), (0.17, 0, 0.84), lens=150, fstop=22)
    return s.group(tableware.kettle(), turn=(0, 0, -18))


@picture(
    "packshots/vase",
    "plain",
    "White fluted vase on a white sweep",
    ["#2b2d42", "#e07a5f", "#3d5a80"],
    (1040, 1300),
    white=0.965,
    samples=64,
)
def vase():
    studio.sweep(m.paper("paper", "efefef"))
    daylight(key=260, strip=50, fill=25, top=90, wall=700)
    studio.camera((0, -11, 2.3), (0, 0, 0.93), lens=150, fstop=22)
    return tableware.vase()


@picture(
    "packshots/cosmetics",
    "plain",
    "Pump bottle and jar with gold lid on a blush sweep",
    ["#264653", "#ffffff", "#8d5a97"],
    (1120, 1300),
    white=0.86,
    samples=64,
)
def cosmetics():
    studio.sweep(m.paper("paper", "e8c3b5"))
    daylight()
    studio.camera((0, -11, 2.2), (0.13, 0, 0.84), lens=150, fstop=22)
    return bottles.cosmetics()


@picture(
    "packshots/handbag",
    "plain",
    "Cognac leather handbag on a sage sweep",
    ["#22223b", "#f4d9c6", "#ffffff"],
    (1120, 1200),
    white=0.72,
)
def handbag():
    studio.sweep(m.paper("paper", "94a892"))
    daylight()
    studio.camera((0, -11.5, 2.5), (0, 0, 0.92), lens=150, fstop=22)
    return s.group(goods.handbag(), turn=(0, 0, -24))


@picture(
    "packshots/headphones",
    "plain",
    "Navy headphones with tan leather pads on a mustard sweep",
    ["#7b2d43", "#a9d6e5", "#ffffff"],
    (1120, 1200),
    white=0.76,
)
def headphones():
    studio.sweep(m.paper("paper", "d9a83a"))
    daylight()
    studio.camera((0, -11.5, 2.2), (0, 0, 0.98), lens=145, fstop=22)
    return s.group(goods.headphones(), turn=(0, 0, 32))


@picture(
    "packshots/toy-car",
    "plain",
    "Wooden toy car with a painted skirt on light blue grey",
    ["#ffd166", "#073b4c", "#ffffff"],
    (1280, 940),
    white=0.86,
)
def toy_car():
    studio.sweep(m.paper("paper", "b9c8d3"))
    daylight()
    studio.camera((1.6, -10.5, 2.9), (0, 0, 0.52), lens=135, fstop=22)
    return s.group(goods.toy_car(), turn=(0, 0, -14))


@picture(
    "translucent/green-bottle",
    "translucent",
    "Green glass bottle with a cork on white",
    ["#ff6b6b", "#1b1b3a", "#ffe066"],
    (960, 1220),
    white=0.93,
)
def green_bottle():
    paper = m.paper("paper", "e6e6e4")
    studio.sweep(paper)
    daylight(top=90, wall=500)
    studio.camera((0, -11, 2.2), (0, 0, 0.88), lens=150, fstop=22)
    return bottles.apothecary_bottle(), paper


@picture(
    "translucent/amber-dropper",
    "translucent",
    "Amber glass serum bottle with label and dropper on pale grey",
    ["#0b525b", "#f5cac3", "#ffffff"],
    (960, 1220),
    white=0.9,
)
def amber_dropper():
    paper = m.paper("paper", "d8d9dc")
    studio.sweep(paper)
    daylight(top=90, wall=400)
    studio.camera((0, -11, 2.0), (0, 0, 0.77), lens=170, fstop=22)
    return s.group(bottles.dropper_bottle(), turn=(0, 0, -10)), paper


@picture(
    "hair/pompom",
    "hair",
    "Long-haired grey fur pompom on a gold key ring on white",
    ["#d62246", "#0b132b", "#a7c957"],
    (960, 1200),
    white=0.93,
    samples=40,
)
def pompom():
    studio.sweep(m.paper("paper", "e6e4e2"))
    daylight(top=90, wall=400)
    studio.camera((0, -11, 2.2), (0, 0, 1.02), lens=125, fstop=22)
    return plush.pompom()


@picture(
    "hair/bear",
    "hair",
    "Plush bear with a red bow on a pale blue sweep",
    ["#1d3557", "#fefae0", "#e63946"],
    (1040, 1200),
    white=0.85,
    samples=40,
)
def bear():
    studio.sweep(m.paper("paper", "b4cbd6"))
    daylight()
    studio.camera((1.6, -11, 2.4), (0, -0.1, 0.74), lens=155, fstop=22)
    return plush.bear()


def window(power=520, warm=(1.0, 0.93, 0.84), fill=38):
    """Late morning light through a window on the left, and the room's own bounce."""
    studio.ambient((0.85, 0.92, 1.0), 0.2)
    studio.softbox((-6.5, -0.5, 4.2), (2.4, 3.2), power, colour=warm)
    studio.softbox((5.0, -5.0, 4.0), (4.0, 4.0), fill, colour=(0.9, 0.95, 1.0))
    studio.softbox((-1.0, -3.0, 8.0), (5.0, 5.0), fill)


@picture(
    "scenes/kitchen",
    "scene",
    "Teal kettle on a kitchen counter before glazed tiles",
    ["#f4a259", "#22223b", "#ffffff"],
    (1200, 900),
    white=0.8,
    samples=32,
)
def kitchen():
    window()
    props.tabletop("a9713d", "66401d", back=3.4)
    props.wall(props.tiles("dfe6df", "b9b6ab", 0.7), 3.4)
    props.cutting_board((1.55, 3.02, 0.0), (-8, 0, 0))
    props.cutting_board((2.35, 2.75, 0.0), (-8, 3, 0), (1.2, 1.6))
    props.canister((-1.75, 2.5, 0), 0.5, 1.15, "f1ede4")
    props.canister((-2.75, 2.3, 0), 0.42, 0.8, "e3b25f")
    props.canister((-0.75, 2.75, 0), 0.38, 1.5, "7d93a3")
    props.lemons((1.95, 0.9, 0))
    props.plant((-2.55, 0.9, 0), 30, 0.85)
    studio.camera((-0.8, -10.5, 3.0), (0.05, 0, 0.95), lens=92, fstop=4.5, focus=(0.2, -0.5, 0.9))
    return s.group(tableware.kettle("0f6f73"), turn=(0, 0, -16))


@picture(
    "scenes/reading-table",
    "scene",
    "Cream mug on a table with books before patterned wallpaper",
    ["#2a6f97", "#ffb703", "#ffffff"],
    (1200, 900),
    white=0.78,
    samples=32,
)
def reading_table():
    window(460)
    props.tabletop("7d5232", "472a16", back=2.6)
    props.wall(props.ringed_wallpaper("e9dcc3", "3f6b6a", 1.3), 2.6)
    props.books(
        (-1.05, 0.95, 0),
        [(1.9, 1.3, 0.24), (1.7, 1.25, 0.2), (1.6, 1.15, 0.26), (1.4, 1.1, 0.15)],
        ["9c3d2e", "2f4858", "d9a441", "efe6d6"],
        [4, -5, 3, -8],
    )
    props.upright(
        (0.62, 1.75, 0),
        [1.55, 1.7, 1.45, 1.62, 1.5, 1.75],
        ["355070", "b56576", "e8c07d", "4f772d", "6d597a", "9a3b26"],
        1.1,
    )
    props.plant((2.55, 0.5, 0), 30, 0.72, pot="e7e1d6", seed=8)
    props.frame((-1.6, 2.5, 2.6), (1.7, 2.1), ["f1e3c8", "d9744c", "37616b", "20323c"])
    studio.camera((0.4, -8.6, 2.3), (0.06, 0, 0.68), lens=95, fstop=3.5, focus=(0, -0.4, 0.5))
    items = tableware.mug(("d9cdb4", "efe6d2", "8a5a34"), "8a5b3d")
    items[0].rotation_euler.z = -0.35
    return items


@picture(
    "scenes/bathroom",
    "scene",
    "Lotion and jar on a terrazzo ledge with towels, a candle and stacked tiles",
    ["#14213d", "#ffcb69", "#ffffff"],
    (960, 1200),
    white=0.82,
    samples=32,
)
def bathroom():
    window(460, (1.0, 0.96, 0.92), 55)
    ledge = s.box(
        "ledge",
        (16, 5.4, 0.5),
        0.03,
        props.terrazzo("e9e4dc", ["c98b76", "6e7f7a", "d8b98a", "3d4a4f", "efe9e0"]),
    )
    s.place(ledge, (0, 0.6, -0.25))
    props.wall(props.tiles("5f8f86", "d7d3c8", 0.62, stacked=True), 3.2)
    props.towels((1.35, 1.75, 0), ["f3ece0", "d9a79a", "8fa8a0", "f3ece0"])
    props.candle((-1.25, 0.95, 0))
    props.plant((-1.65, 2.1, 0), 26, 0.8, "4d8251", "d8d2c6", seed=21)
    props.candle((1.55, 1.75, 1.14), "e7b9a3")
    studio.camera((0.3, -10.5, 2.5), (0.08, 0, 0.95), lens=125, fstop=4, focus=(0.1, -0.4, 0.7))
    return bottles.cosmetics()


@picture(
    "scenes/playroom",
    "scene",
    "Wooden toy car on a woven rug among blocks, books and a ball",
    ["#3a86ff", "#2b2d42", "#ffffff"],
    (1200, 900),
    white=0.8,
    samples=32,
)
def playroom():
    window()
    floor = props.rug(["efe3cc", "c96f4a", "2f5d62", "e2b04a"])
    props.plane("rug", 30, 18, floor, (0, 2, 0))
    props.wall(m.paper("paint", "cfd9d2"), 7.5)
    props.block((-1.55, 1.5, 0), "A", "d1495b", 14)
    props.block((-0.80, 1.75, 0), "B", "2e86ab", -8)
    props.block((-1.2, 1.65, 0.62), "C", "f2a541", 24)
    props.block((1.85, 0.35, 0), "D", "4f9d69", -28)
    props.ball((1.0, 2.3, 0), 0.72, ["e4572e", "f6f1e5", "2e6f95"])
    props.books(
        (2.6, 2.4, 0),
        [(1.8, 1.3, 0.22), (1.6, 1.2, 0.18), (1.5, 1.1, 0.2)],
        ["f2b134", "4f86c6", "c44536"],
        [12, 4, 20],
    )
    props.ball((-2.9, 3.4, 0), 0.5, ["f2c14e", "5f7fbf", "f6f1e5"])
    studio.camera((1.3, -9.6, 3.3), (0.05, 0, 0.62), lens=90, fstop=4, focus=(0.2, -0.4, 0.5))
    return s.group(goods.toy_car("2f9c95", "e9503e"), turn=(0, 0, -20))
