import { clampByte, toInt } from './round';

// Noise on a row of RGB, in place. Tables are indexed with 10 random bits: they hold a distribution's quantiles.

/** The next state of the generator; T. Ettinger's mulberry32 (public domain). */
// @ts-ignore: decorator
@inline
function next(state: u32): u32 {
  return state + 0x6d2b79f5;
}

// @ts-ignore: decorator
@inline
function bits(state: u32): u32 {
  let mixed = (state ^ (state >> 15)) * (state | 1);
  mixed ^= mixed + (mixed ^ (mixed >> 7)) * (mixed | 61);
  return mixed ^ (mixed >> 14);
}

/** Adds whole numbers, i16; with `shared` the same one to red, green and blue. */
export function addNoise(data: usize, pixels: i32, table: usize, seed: u32, shared: i32): void {
  const end = data + <usize>(pixels * 3);
  let state = seed;
  for (let at = data; at < end; at += 3) {
    state = next(state);
    const random = bits(state);
    const r = load<i16>(table + ((random & 1023) << 1));
    const g = shared ? r : load<i16>(table + (((random >> 10) & 1023) << 1));
    const b = shared ? r : load<i16>(table + (((random >> 20) & 1023) << 1));
    store<u8>(at, clampByte(<i32>load<u8>(at) + r));
    store<u8>(at, clampByte(<i32>load<u8>(at, 1) + g), 1);
    store<u8>(at, clampByte(<i32>load<u8>(at, 2) + b), 2);
  }
}

/** Multiplies with f32, cut to whole numbers; with `shared` with the same one for red, green and blue. */
export function multiplyNoise(data: usize, pixels: i32, table: usize, seed: u32, shared: i32): void {
  const end = data + <usize>(pixels * 3);
  let state = seed;
  for (let at = data; at < end; at += 3) {
    state = next(state);
    const random = bits(state);
    const r = load<f32>(table + ((random & 1023) << 2));
    const g = shared ? r : load<f32>(table + (((random >> 10) & 1023) << 2));
    const b = shared ? r : load<f32>(table + (((random >> 20) & 1023) << 2));
    store<u8>(at, clampByte(<i32>(<f32>load<u8>(at) * r)));
    store<u8>(at, clampByte(<i32>(<f32>load<u8>(at, 1) * g)), 1);
    store<u8>(at, clampByte(<i32>(<f32>load<u8>(at, 2) * b)), 2);
  }
}

/** Values become others by chance: for each of 256 a list of 1024 bytes. */
export function drawValues(data: usize, pixels: i32, table: usize, seed: u32): void {
  const end = data + <usize>(pixels * 3);
  let state = seed;
  for (let at = data; at < end; at += 3) {
    state = next(state);
    const random = bits(state);
    store<u8>(at, load<u8>(table + (<usize>load<u8>(at) << 10) + (random & 1023)));
    store<u8>(at, load<u8>(table + (<usize>load<u8>(at, 1) << 10) + ((random >> 10) & 1023)), 1);
    store<u8>(at, load<u8>(table + (<usize>load<u8>(at, 2) << 10) + ((random >> 20) & 1023)), 2);
  }
}

/**
 * Noise of a sensor in hue and lightness (HLS): a hue turns by degrees, f32, of the first table; lightness L grows by
 * a share, f32, of what it lacks of white. The second table is indexed with 16 bits, for it is nearly always 0.
 */
export function sensorNoise(data: usize, pixels: i32, turns: usize, shares: usize, seed: u32): void {
  const end = data + <usize>(pixels * 3);
  let state = seed;
  for (let at = data; at < end; at += 3) {
    state = next(state);
    const random = bits(state);
    const share = load<f32>(shares + ((random >> 16) << 2));
    const turn = load<f32>(turns + ((random & 1023) << 2));
    if (share == 0 && turn == 0) continue;
    const r = <f32>load<u8>(at);
    const g = <f32>load<u8>(at, 1);
    const b = <f32>load<u8>(at, 2);
    const most = max(r, max(g, b));
    const least = min(r, min(g, b));
    const range = most - least;
    // Within a sector of 60 degrees only the middle one of the three changes.
    const step = (range * turn) / 60;
    const up: f32 = (r == most && b == least) || (g == most && r == least) || (b == most && g == least) ? step : -step;
    const light = (most + least) / 2;
    const lighter = min<f32>(255, light + share * (255 - light));
    const times: f32 = spread(light) > 0 ? spread(lighter) / spread(light) : 0;
    store<u8>(at, tone(r, most, least, up, light, lighter, times));
    store<u8>(at, tone(g, most, least, up, light, lighter, times), 1);
    store<u8>(at, tone(b, most, least, up, light, lighter, times), 2);
  }
}

/** How far colours can lie apart at a lightness. */
// @ts-ignore: decorator
@inline
function spread(light: f32): f32 {
  return <f32>255 - abs<f32>(2 * light - 255);
}

// @ts-ignore: decorator
@inline
function tone(value: f32, most: f32, least: f32, up: f32, light: f32, lighter: f32, times: f32): i32 {
  const turned = value == most || value == least ? value : max<f32>(least, min<f32>(most, value + up));
  return clampByte(toInt(lighter + times * (turned - light)));
}

/** Sum and sum of squares of the lightness (HLS, in levels times two) of all pixels, as two f64. */
export function lightness(data: usize, pixels: i32, sums: usize): void {
  let sum: i64 = 0;
  let squares: i64 = 0;
  const end = data + <usize>pixels * 3;
  for (let at = data; at < end; at += 3) {
    const r = <i32>load<u8>(at);
    const g = <i32>load<u8>(at, 1);
    const b = <i32>load<u8>(at, 2);
    const light = max(r, max(g, b)) + min(r, min(g, b));
    sum += light;
    squares += light * light;
  }
  store<f64>(sums, <f64>sum);
  store<f64>(sums, <f64>squares, 8);
}
