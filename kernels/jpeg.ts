// What baseline JPEG (ITU-T T.81) loses, without writing a file: colours at half size, coefficients rounded.

/**
 * Planes Y, Cb and Cr of ITU-T T.871, the last two at half the width and height; the picture's last column and row are
 * repeated up to whole blocks.
 * @param across, down pixels of Y, multiples of 16
 */
export function toPlanes(
  data: usize,
  width: i32,
  height: i32,
  across: i32,
  down: i32,
  luma: usize,
  blue: usize,
  red: usize,
): void {
  for (let y = 0; y < down; y += 2) {
    const upper = data + <usize>(min(y, height - 1) * width) * 3;
    const lower = data + <usize>(min(y + 1, height - 1) * width) * 3;
    const row = luma + <usize>(y * across);
    const half = <usize>((y >> 1) * (across >> 1));
    for (let x = 0; x < across; x += 2) {
      const left = <usize>min(x, width - 1) * 3;
      const right = <usize>min(x + 1, width - 1) * 3;
      const a = ycc(upper + left);
      const b = ycc(upper + right);
      const c = ycc(lower + left);
      const d = ycc(lower + right);
      store<u8>(row + <usize>x, i32x4.extract_lane(a, 0));
      store<u8>(row + <usize>x, i32x4.extract_lane(b, 0), 1);
      store<u8>(row + <usize>(x + across), i32x4.extract_lane(c, 0));
      store<u8>(row + <usize>(x + across), i32x4.extract_lane(d, 0), 1);
      const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
      // Rounded up and down in turn, so that no colour drifts.
      const bias = 1 + ((x >> 1) & 1);
      store<u8>(blue + half + <usize>(x >> 1), (i32x4.extract_lane(sum, 1) + bias) >> 2);
      store<u8>(red + half + <usize>(x >> 1), (i32x4.extract_lane(sum, 2) + bias) >> 2);
    }
  }
}

// @ts-ignore: decorator
@inline
function ycc(at: usize): v128 {
  let sum = f32x4.mul(f32x4.splat(<f32>load<u8>(at)), f32x4(0.299, -0.168735892, 0.5, 0));
  sum = f32x4.add(sum, f32x4.mul(f32x4.splat(<f32>load<u8>(at, 1)), f32x4(0.587, -0.331264108, -0.418687589, 0)));
  sum = f32x4.add(sum, f32x4.mul(f32x4.splat(<f32>load<u8>(at, 2)), f32x4(0.114, 0.5, -0.081312411, 0)));
  sum = f32x4.add(sum, f32x4(0.5, 128.5, 128.5, 0));
  return i32x4.trunc_sat_f32x4_s(f32x4.min(sum, f32x4.splat(255)));
}

/**
 * Rounds the coefficients of a plane's blocks to multiples, in place.
 * @param steps 64 f32, row by row
 * @param cosines the matrix of the cosine transform of 8 values and the same one transposed, f32
 * @param scratch 512 bytes
 */
export function quantize(
  plane: usize,
  across: i32,
  down: i32,
  steps: usize,
  cosines: usize,
  scratch: usize,
): void {
  const turned = cosines + 256;
  const other = scratch + 256;
  for (let y = 0; y < down; y += 8) {
    for (let x = 0; x < across; x += 8) {
      const corner = plane + <usize>(y * across + x);
      for (let v = 0; v < 8; v++) {
        const bytes = v128.load8x8_u(corner + <usize>(v * across));
        const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(bytes));
        const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(bytes));
        v128.store(scratch + (<usize>v << 5), f32x4.sub(low, f32x4.splat(128)));
        v128.store(scratch + (<usize>v << 5), f32x4.sub(high, f32x4.splat(128)), 16);
      }
      multiply(cosines, scratch, other);
      multiply(other, turned, scratch);
      for (let at: usize = 0; at < 256; at += 16) {
        const step = v128.load(steps + at);
        const rounded = f32x4.nearest(f32x4.div(v128.load(scratch + at), step));
        v128.store(scratch + at, f32x4.mul(rounded, step));
      }
      multiply(turned, scratch, other);
      multiply(other, cosines, scratch);
      for (let v = 0; v < 8; v++) {
        const low = f32x4.add(v128.load(scratch + (<usize>v << 5)), f32x4.splat(128));
        const high = f32x4.add(v128.load(scratch + (<usize>v << 5), 16), f32x4.splat(128));
        const words = i16x8.narrow_i32x4_s(
          i32x4.trunc_sat_f32x4_s(f32x4.nearest(low)),
          i32x4.trunc_sat_f32x4_s(f32x4.nearest(high)),
        );
        v128.store64_lane(corner + <usize>(v * across), i8x16.narrow_i16x8_u(words, words), 0);
      }
    }
  }
}

/** The product of two matrices of 8 x 8. */
// @ts-ignore: decorator
@inline
function multiply(a: usize, b: usize, out: usize): void {
  for (let row: usize = 0; row < 256; row += 32) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let k: usize = 0; k < 8; k++) {
      const factor = v128.load32_splat(a + row + (k << 2));
      low = f32x4.add(low, f32x4.mul(factor, v128.load(b + (k << 5))));
      high = f32x4.add(high, f32x4.mul(factor, v128.load(b + (k << 5), 16)));
    }
    v128.store(out + row, low);
    v128.store(out + row, high, 16);
  }
}

/** The picture of the planes; colours between two samples lie between them (3 to 1). */
export function fromPlanes(
  data: usize,
  width: i32,
  height: i32,
  across: i32,
  luma: usize,
  blue: usize,
  red: usize,
): void {
  const half = across >> 1;
  const lastX = ((width + 1) >> 1) - 1;
  const lastY = ((height + 1) >> 1) - 1;
  for (let y = 0; y < height; y++) {
    const row = luma + <usize>(y * across);
    const near = (y >> 1) * half;
    const far = max(0, min(lastY, y & 1 ? (y >> 1) + 1 : (y >> 1) - 1)) * half;
    let at = data + <usize>(y * width) * 3;
    for (let x = 0; x < width; x++) {
      const here = x >> 1;
      const beside = max(0, min(lastX, x & 1 ? here + 1 : here - 1));
      const cb = <f32>(between(blue, near, far, here, beside) - 128);
      const cr = <f32>(between(red, near, far, here, beside) - 128);
      let sum = f32x4.splat(<f32>load<u8>(row + <usize>x));
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(cb), f32x4(0, -0.344136286, 1.772, 0)));
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(cr), f32x4(1.402, -0.714136286, 0, 0)));
      sum = f32x4.max(f32x4.splat(0), f32x4.min(f32x4.splat(255), f32x4.nearest(sum)));
      const rgb = i32x4.trunc_sat_f32x4_s(sum);
      store<u8>(at, i32x4.extract_lane(rgb, 0));
      store<u8>(at, i32x4.extract_lane(rgb, 1), 1);
      store<u8>(at, i32x4.extract_lane(rgb, 2), 2);
      at += 3;
    }
  }
}

// @ts-ignore: decorator
@inline
function between(plane: usize, near: i32, far: i32, here: i32, beside: i32): i32 {
  const close = 9 * <i32>load<u8>(plane + near + here) + 3 * <i32>load<u8>(plane + near + beside);
  const distant = 3 * <i32>load<u8>(plane + far + here) + <i32>load<u8>(plane + far + beside);
  return (close + distant + 8) >> 4;
}
