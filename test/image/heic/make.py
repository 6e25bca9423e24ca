"""Makes the HEIC files and HEVC streams of this folder, and references.json: what pillow-heif reads back from them.

Python 3 with: pip install pillow pillow-heif. Run it in this folder; nothing needs it at test time.
"""

import io
import json
import struct
from pathlib import Path

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

WIDTH, HEIGHT, TILE = 192, 128, 64
# As phones write them, and nearly lossless.
COMMON = {"quality": 95, "chroma": 420}
FINE = {"quality": 100, "chroma": 444}
pillow_heif.register_heif_opener()


def photo():
    """The picture that test/image/heic.test.ts paints too: blue at the top left."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            image.putpixel((x, y), (x, y * 2, 220 if x < 64 and y < 64 else 40))
    return image


def packshot():
    """A product on light ground, as test/support/pictures.ts draws it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (244, 243, 241))
    radius = 0.3 * HEIGHT
    middle = WIDTH / 2, HEIGHT / 2
    box = [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius]
    ImageDraw.Draw(image).ellipse(box, fill=(200, 30, 40))
    return image


def display_p3():
    """A matrix profile of Display P3; its columns are those that Apple publishes, under D50."""
    xyz = lambda *v: b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(x * 65536)) for x in v)
    linear = lambda v: v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
    curve = b"curv" + struct.pack(">II", 0, 1024)
    curve += b"".join(struct.pack(">H", round(linear(i / 1023) * 65535)) for i in range(1024))
    name = b"Display P3"
    desc = b"desc" + struct.pack(">II", 0, len(name) + 1) + name + bytes(1 + 78)
    tags = {
        b"desc": desc,
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"rXYZ": xyz(0.51512, 0.2412, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.1571, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, bodies, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, body in tags.items():
        body += bytes(-len(body) % 4)
        table += tag + struct.pack(">II", at, len(body))
        bodies, at = bodies + body, at + len(body)
    head = struct.pack(">IIII", at, 0, 0x02400000, 0)[:12] + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += xyz(0.9642, 1, 0.8249)[8:]
    return head.ljust(128, b"\0") + table + bodies


def save(name, image, **options):
    image.save(name, format="HEIF", **{**COMMON, **options})


def boxes(data, start, end):
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start + 8, start + size
        start += size


def stream(image):
    """The picture's HEVC as a byte stream (ITU-T H.265, annex B)."""
    file = io.BytesIO()
    save(file, image, **FINE)
    data = file.getvalue()
    out, begin = b"", b"\0\0\0\1"
    at = data.index(b"hvcC") + 4 + 22
    for _ in range(data[at]):
        (count,) = struct.unpack_from(">H", data, at + 2)
        at += 3
        for _ in range(count):
            (size,) = struct.unpack_from(">H", data, at + 1)
            out += begin + data[at + 3 : at + 3 + size]
            at += 2 + size
    at, end = next((start, end) for kind, start, end in boxes(data, 0, len(data)) if kind == b"mdat")
    while at < end:
        (size,) = struct.unpack_from(">I", data, at)
        out += begin + data[at + 4 : at + 4 + size]
        at += 4 + size
    return out


def write_streams():
    whole = photo()
    Path("photo.hevc").write_bytes(stream(whole))
    for y in range(0, HEIGHT, TILE):
        for x in range(0, WIDTH, TILE):
            Path(f"tile-{y // TILE}-{x // TILE}.hevc").write_bytes(stream(whole.crop((x, y, x + TILE, y + TILE))))
    alpha = Image.new("RGB", (WIDTH, HEIGHT))
    alpha.paste((255, 255, 255), (0, 0, WIDTH // 2, HEIGHT))
    Path("alpha.hevc").write_bytes(stream(alpha))


def write_files():
    save("plain.heic", packshot())
    # Like phones, pillow-heif tells the orientation twice: in the container and in the EXIF block.
    for name, orientation in {"turned": 6, "mirrored": 2, "transposed": 5}.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010F] = "Vitrine"
        save(f"{name}.heic", photo(), exif=exif.tobytes())
    cut = photo().convert("RGBA")
    cut.putalpha(Image.linear_gradient("L").resize((WIDTH, HEIGHT)))
    save("cut.heic", cut)
    save("premultiplied.heic", cut.convert("RGBa"))
    raster = [(x, y) for y in range(HEIGHT) for x in range(WIDTH)]
    deep = b"".join(struct.pack("<HHH", x * 340, y * 510, 40_000) for x, y in raster)
    pillow_heif.options.SAVE_HDR_TO_12_BIT = False
    pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), deep).save("deep.heic", **COMMON)
    save("p3.heic", photo(), icc_profile=display_p3())
    save("p3-coded.heic", photo(), color_primaries=12, transfer_characteristics=13)
    save("thumbnail.heic", photo(), thumbnails=[64])


def references():
    """Pixels on a coarse raster, in sRGB."""
    found = {}
    for path in sorted(Path(".").glob("*.heic")):
        image = Image.open(path)
        if path.stem.startswith("p3"):
            srgb = ImageCms.createProfile("sRGB")
            p3 = ImageCms.ImageCmsProfile(io.BytesIO(display_p3()))
            image = ImageCms.profileToProfile(image, p3, srgb, renderingIntent=1)
        if image.mode == "RGBa":
            image = image.convert("RGBA")
        points = [(x, y) for y in range(4, image.height, 24) for x in range(4, image.width, 24)]
        found[path.name] = {
            "width": image.width,
            "height": image.height,
            "pixels": [[*point, *image.getpixel(point)] for point in points],
        }
    text = json.dumps(found).replace('"pixels": [', '"pixels": [\n').replace("], [", "],\n[")
    Path("references.json").write_text(text + "\n")


write_streams()
write_files()
references()
