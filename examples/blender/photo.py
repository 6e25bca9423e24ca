"""From linear render passes to an 8-bit photo with its true alpha and foreground."""

import struct
import zlib

import bpy
import numpy as np

# Alphas this near to 0 or 1 are the renderer's noise.
EDGE = 0.012


def tone(linear):
    """Display-referred sRGB with a soft shoulder above three quarters."""
    knee = 0.72
    over = np.maximum(linear - knee, 0)
    rolled = np.minimum(linear, knee) + (1 - knee) * (1 - np.exp(-over / (1 - knee)))
    low = np.maximum(rolled, 0)
    return np.where(low <= 0.0031308, 12.92 * low, 1.055 * low ** (1 / 2.4) - 0.055)


def exposure(plate, level):
    """The gain that puts the plate's bright tones at a display level."""
    gains = np.geomspace(1e-2, 1e2, 400)
    bright = np.percentile(plate.mean(-1), 85)
    return gains[np.argmin(np.abs(tone(bright * gains) - level))]


def blur(image, radius):
    """Box blur by running sums, edges repeated."""
    for axis in (0, 1):
        pad = [(0, 0)] * image.ndim
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(image, pad, mode="edge"), axis, dtype=np.float64)
        ahead = np.take(total, range(2 * radius + 1, total.shape[axis]), axis)
        behind = np.take(total, range(0, total.shape[axis] - 2 * radius - 1), axis)
        image = (ahead - behind) / (2 * radius + 1)
    return image


def unpremultiply(colour, alpha, thin, reach=12):
    """Colour over alpha; where alpha is below thin, averaged over the nearest well covered pixels.

    Colours run on a little past the edge, so that a cutout may be blurred or scaled safely.
    """
    result = np.zeros_like(colour)
    todo = np.ones(alpha.shape, bool)
    mass, near, radius = alpha, colour, 0
    while radius <= reach:
        fresh = todo & (mass > (thin if radius == 0 else 0.06))
        result[fresh] = near[fresh] / mass[fresh][:, None]
        todo &= ~fresh
        radius = radius * 2 or 1
        near, mass = blur(colour, radius), blur(alpha, radius)
    return result


def eight_bit(image):
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def compose(alpha, foreground, background):
    return alpha[..., None] * foreground + (1 - alpha[..., None]) * background


def solid(plate, premultiplied, alpha, gain):
    """Photo and truth of an opaque product.

    Alpha is the renderer's coverage and the foreground is the tone-mapped unpremultiplied colour.
    They are blended after tone mapping, in the space in which cutouts are used.
    """
    alpha = np.where(alpha > EDGE, alpha, 0)
    foreground = unpremultiply(premultiplied, alpha, 0.5)
    return tone(plate * gain), alpha, tone(foreground * gain)


def translucent(plate, full, black, bright, gain, level):
    """Photo and truth of glass, by triangulation over two flat backdrops.

    Alpha is one minus the backdrop's mean share in the display colour; the foreground is what then
    explains the photo over its real sweep, tint and refraction included.
    """
    dark, lit = tone(black * gain), tone(bright * gain)
    span = tone(np.float64(level * gain))
    alpha = 1 - (lit - dark).mean(-1) / span
    alpha = np.where(alpha < EDGE, 0, np.where(alpha > 1 - EDGE, 1, alpha))
    background, photo = tone(plate * gain), tone(full * gain)
    share = alpha[..., None]
    foreground = unpremultiply(photo - (1 - share) * background, alpha, 0.1)
    return background, alpha, foreground, photo


def sensor(image, seed, strength):
    """Shot and read noise, a little of it shared by neighbouring pixels."""
    random = np.random.default_rng(seed)
    grain = random.normal(size=image.shape)
    colour = blur(random.normal(size=image.shape), 1) * 1.6
    sigma = strength * np.sqrt(0.35 + 0.65 * np.clip(image, 0, 1)) / 255
    return image + sigma * (0.75 * grain + 0.5 * colour)


def save_png(path, image):
    """Write 8-bit grey or RGB, each row with the filter that leaves the least."""
    rows = image.reshape(image.shape[0], -1).astype(np.int16)
    step = image.shape[2] if image.ndim == 3 else 1
    left = np.pad(rows, ((0, 0), (step, 0)))[:, :-step]
    up = np.pad(rows, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(left, ((1, 0), (0, 0)))[:-1]
    guess = left + up - corner
    a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
    options = [(rows - p).astype(np.uint8) for p in (0, left, up, (left + up) // 2, paeth)]
    cost = np.stack([np.abs(o.astype(np.int8).astype(int)).sum(1) for o in options])
    best = cost.argmin(0)
    packed = b"".join(bytes([k]) + options[k][y].tobytes() for y, k in enumerate(best))
    height, width = image.shape[:2]
    header = struct.pack(">2I5B", width, height, 8, 2 if step == 3 else 0, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(body)) + kind + body)
            file.write(struct.pack(">I", zlib.crc32(kind + body)))


def save_jpeg(path, image, quality=91):
    height, width = image.shape[:2]
    item = bpy.data.images.new("photo", width, height, alpha=False)
    pixels = np.dstack([np.clip(image, 0, 1), np.ones((height, width))])[::-1].astype(np.float32)
    item.pixels.foreach_set(pixels.ravel())
    item.file_format = "JPEG"
    item.save(filepath=str(path), quality=quality)
    bpy.data.images.remove(item)


def load(path, size=None):
    item = bpy.data.images.load(str(path))
    if size:
        item.scale(*size)
    width, height = item.size
    pixels = np.empty(width * height * 4, np.float32)
    item.pixels.foreach_get(pixels)
    bpy.data.images.remove(item)
    return pixels.reshape(height, width, 4)[::-1, :, :3]


def contact_sheet(path, entries, folder, cell=232, gap=8, columns=3):
    """Every photo beside its product on a strong backdrop."""
    rows = -(-len(entries) // columns)
    pitch = cell + gap
    sheet = np.ones((rows * pitch + gap, columns * 2 * pitch + gap, 3))
    for i, entry in enumerate(entries):
        scale = cell / max(entry["width"], entry["height"])
        size = round(entry["width"] * scale), round(entry["height"] * scale)
        shot, alpha, colour = (load(folder / entry[k], size) for k in ("file", "alpha", "foreground"))
        backdrop = [int(entry["backdrops"][0][k : k + 2], 16) / 255 for k in (1, 3, 5)]
        top = gap + i // columns * pitch + (cell - size[1]) // 2
        left = gap + i % columns * 2 * pitch + cell - size[0]
        for tile in (shot, compose(alpha[..., 0], colour, np.array(backdrop))):
            sheet[top : top + size[1], left : left + size[0]] = tile
            left += size[0] + 2
    save_jpeg(path, sheet, 86)
