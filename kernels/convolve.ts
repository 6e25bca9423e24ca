// Weighted sums of neighbours, in bytes: channels may be interleaved.

/**
 * Copies a picture with a border around it: its pixels mirrored (the outermost not repeated), or its outermost ones.
 * @param channels bytes of a pixel
 * @param repeat 1 for the outermost pixels
 */
export function pad(
  source: usize,
  width: i32,
  height: i32,
  channels: i32,
  border: i32,
  repeat: i32,
  out: usize,
): void {
  const stride = <usize>((width + 2 * border) * channels);
  const bytes = <usize>(width * channels);
  const inset = <usize>(border * channels);
  for (let y = 0; y < height; y++) {
    const row = out + <usize>(y + border) * stride;
    memory.copy(row + inset, source + <usize>y * bytes, bytes);
    for (let x = 1; x <= border; x++) {
      const left = place(-x, width, repeat);
      const right = place(width - 1 + x, width, repeat);
      memory.copy(row + inset - <usize>(x * channels), row + inset + <usize>(left * channels), channels);
      memory.copy(
        row + inset + bytes + <usize>((x - 1) * channels),
        row + inset + <usize>(right * channels),
        channels,
      );
    }
  }
  for (let y = 1; y <= border; y++) {
    const above = place(-y, height, repeat) + border;
    const below = place(height - 1 + y, height, repeat) + border;
    memory.copy(out + <usize>(border - y) * stride, out + <usize>above * stride, stride);
    memory.copy(out + <usize>(height - 1 + y + border) * stride, out + <usize>below * stride, stride);
  }
}

function place(at: i32, length: i32, repeat: i32): i32 {
  if (repeat || length == 1) return max(0, min(length - 1, at));
  const period = 2 * (length - 1);
  const inside = ((at % period) + period) % period;
  return min(inside, period - inside);
}

/**
 * Sums of neighbours, rounded.
 * @param padded first byte of the picture inside of its border
 * @param stride bytes from one row of it to the next
 * @param bytes of a row of the result, which may be written up to 15 bytes too far
 * @param taps pairs of neighbours: two i32, how many bytes away they lie, and two i16, their weights times 2^`shift`
 */
export function convolve(
  padded: usize,
  stride: i32,
  bytes: i32,
  height: i32,
  taps: usize,
  pairs: i32,
  shift: i32,
  out: usize,
): void {
  const half = i32x4.splat((1 << shift) >> 1);
  const end = taps + <usize>pairs * 12;
  for (let y = 0; y < height; y++) {
    const row = padded + <usize>(y * stride);
    const to = out + <usize>(y * bytes);
    for (let i = 0; i < bytes; i += 16) {
      let a = half;
      let b = half;
      let c = half;
      let d = half;
      for (let tap = taps; tap < end; tap += 12) {
        const first = v128.load(row + i + load<i32>(tap));
        const second = v128.load(row + i + load<i32>(tap, 4));
        const weights = v128.load32_splat(tap, 8);
        const low = i8x16.shuffle(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const high = i8x16.shuffle(
          first,
          second,
          8,
          24,
          9,
          25,
          10,
          26,
          11,
          27,
          12,
          28,
          13,
          29,
          14,
          30,
          15,
          31,
        );
        a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), weights));
        b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), weights));
        c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), weights));
        d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), weights));
      }
      const lower = i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift));
      const upper = i16x8.narrow_i32x4_s(i32x4.shr_s(c, shift), i32x4.shr_s(d, shift));
      v128.store(to + i, i8x16.narrow_i16x8_u(lower, upper));
    }
  }
}

/** Picks pixels of a row: a list of i32 says which. */
export function pickRow(source: usize, list: usize, pixels: i32, out: usize): void {
  for (let n = 0; n < pixels; n++) {
    const at = source + <usize>(load<i32>(list + ((<usize>n) << 2)) * 3);
    store<u8>(out, load<u8>(at));
    store<u8>(out, load<u8>(at, 1), 1);
    store<u8>(out, load<u8>(at, 2), 2);
    out += 3;
  }
}
