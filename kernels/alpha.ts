/** Sum of all bytes. */
export function sumBytes(data: usize, count: i32): f64 {
  let sums = i32x4.splat(0);
  let total: f64 = 0;
  let at = data;
  const end = data + count;
  for (; at + 16 <= end; at += 16) {
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v128.load(at))));
  }
  for (; at < end; at++) total += load<u8>(at);
  total += <f64>(<u32>i32x4.extract_lane(sums, 0)) + <f64>(<u32>i32x4.extract_lane(sums, 1));
  return total + <f64>(<u32>i32x4.extract_lane(sums, 2)) + <f64>(<u32>i32x4.extract_lane(sums, 3));
}

/** 1 where there is nothing but 0 and 255. */
export function isHard(data: usize, count: i32): i32 {
  let at = data;
  const end = data + count;
  for (; at + 16 <= end; at += 16) {
    // 0 and 255 plus 1 are 1 and 0: nothing else is under 2.
    const next = i8x16.add(v128.load(at), i8x16.splat(1));
    if (v128.any_true(i8x16.gt_u(next, i8x16.splat(1)))) return 0;
  }
  for (; at < end; at++) if (<u8>(load<u8>(at) + 1) > 1) return 0;
  return 1;
}
