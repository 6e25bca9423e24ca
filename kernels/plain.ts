// What the cut of products on plain grounds measures at every pixel, in the arithmetic of JavaScript. Colours are Lab,
// three f32 a pixel; the other planes one f32.

/** Chroma counts less in a gradient: cameras and JPEG blur it and leave blocks in it. */
const CHROMA_WEIGHT: f64 = 0.25;

// @ts-ignore: decorator
@inline
function steepness(at: usize, up: isize, down: isize, left: isize, right: isize): f64 {
  const nw = <f64>load<f32>(at + up + left);
  const ne = <f64>load<f32>(at + up + right);
  const sw = <f64>load<f32>(at + down + left);
  const se = <f64>load<f32>(at + down + right);
  const gx = ne + <f64>load<f32>(at + right) + se - nw - <f64>load<f32>(at + left) - sw;
  const gy = sw + <f64>load<f32>(at + down) + se - nw - <f64>load<f32>(at + up) - ne;
  return gx * gx + gy * gy;
}

/**
 * Length of the gradient per pixel (Prewitt, which also averages three pixels across); at the border that of the pixels
 * that there are.
 * @param gradient out
 */
export function measureGradient(lab: usize, width: i32, height: i32, gradient: usize): void {
  const row = <isize>width * 12;
  for (let y = 0; y < height; y++) {
    const up: isize = y > 0 ? -row : 0;
    const down: isize = y < height - 1 ? row : 0;
    for (let x = 0; x < width; x++, lab += 12, gradient += 4) {
      const left: isize = x > 0 ? -12 : 0;
      const right: isize = x < width - 1 ? 12 : 0;
      let sum = steepness(lab, up, down, left, right);
      sum += steepness(lab + 4, up, down, left, right) * CHROMA_WEIGHT;
      sum += steepness(lab + 8, up, down, left, right) * CHROMA_WEIGHT;
      store<f32>(gradient, <f32>(sqrt<f64>(sum) / 6));
    }
  }
}

/** Chroma of a backdrop at which half of a change of saturation is put down to bounced light. */
const HALF_COLOURED: f64 = 20;

/**
 * How a picture departs from its backdrop; see `Difference` in lib/matting/plain/difference.ts.
 * @param total out, and so `unshaded` and `shade`
 */
export function measureDifference(
  lab: usize,
  backdrop: usize,
  count: i32,
  total: usize,
  unshaded: usize,
  shade: usize,
): void {
  for (let i = 0; i < count; i++, lab += 12, backdrop += 12) {
    const l = <f64>load<f32>(lab);
    const a = <f64>load<f32>(lab, 4);
    const b = <f64>load<f32>(lab, 8);
    const bl = <f64>load<f32>(backdrop);
    const ba = <f64>load<f32>(backdrop, 4);
    const bb = <f64>load<f32>(backdrop, 8);
    const dl = l - bl;
    const da = a - ba;
    const db = b - bb;
    // Less light scales X, Y and Z alike, so a and b shrink with L + 16 (CIE 1976, above its linear part).
    const dimming = (l + 16) / (bl + 16);
    const ca = a - ba * dimming;
    const cb = b - bb * dimming;
    const lit = dl > 0 ? dl : 0;
    // On a coloured backdrop light bounces, so that shadows keep the hue but not always the saturation.
    const chroma = ba * ba + bb * bb;
    const product = ca * ba + cb * bb;
    const along = chroma > 1 ? (product * product) / chroma : 0;
    const excused = (along * chroma) / (chroma + HALF_COLOURED * HALF_COLOURED);
    const place = (<usize>i) << 2;
    store<f32>(total + place, <f32>sqrt<f64>(dl * dl + da * da + db * db));
    store<f32>(unshaded + place, <f32>sqrt<f64>(ca * ca + cb * cb - 0.9 * excused + lit * lit));
    store<f32>(shade + place, <f32>dimming);
  }
}

/** The greatest of four values and those beside them, a step to the left and to the right. */
// @ts-ignore: decorator
@inline
function most(at: usize, step: usize): v128 {
  return f32x4.max(v128.load(at), f32x4.max(v128.load(at - step), v128.load(at + step)));
}

/** The greatest of four values and the eight around each, so many bytes off across, and down. */
// @ts-ignore: decorator
@inline
function mostAround(at: usize, across: usize, down: usize): v128 {
  return f32x4.max(most(at, across), f32x4.max(most(at - down, across), most(at + down, across)));
}

/**
 * The greatest value of each pixel and of eight around it, `radius` off, and of eight half as far off.
 * @param padded with `radius` more pixels on each side, `stride` of them a row
 * @param out may be written up to three values too far
 */
export function deepest(padded: usize, stride: i32, width: i32, height: i32, radius: i32, out: usize): void {
  const row = (<usize>stride) << 2;
  const far = <usize>radius;
  const near = <usize>(radius >> 1);
  for (let y = 0; y < height; y++) {
    const from = padded + (<usize>y + far) * row + (far << 2);
    const to = out + ((<usize>(y * width)) << 2);
    for (let x = 0; x < width; x += 4) {
      const at = from + ((<usize>x) << 2);
      const within = mostAround(at, near << 2, near * row);
      v128.store(to + ((<usize>x) << 2), f32x4.max(within, mostAround(at, far << 2, far * row)));
    }
  }
}
