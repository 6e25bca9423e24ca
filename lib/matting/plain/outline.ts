export interface Shape {
  /** Pixels inside. */
  area: number;
  /** Sides of pixels along the outline. */
  outline: number;
  /** Pixels inside that lie on the picture's rim. */
  rim: number;
}

/** 4 for a square, more the more outline there is for the area. */
export function raggedness({ area, outline }: Shape): number {
  return outline / Math.sqrt(Math.max(1, area));
}

export function measureShape(mask: Uint8Array, width: number, height: number): Shape {
  const shape = { area: 0, outline: 0, rim: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      shape.area += mask[i];
      if (x > 0 && mask[i] !== mask[i - 1]) shape.outline++;
      if (y > 0 && mask[i] !== mask[i - width]) shape.outline++;
      if (mask[i] && (x === 0 || y === 0 || x === width - 1 || y === height - 1)) shape.rim++;
    }
  }
  return shape;
}

/** The lower quartile, along the outline, of the Lab distance to the backdrop three pixels inside. */
export function outlineContrast(
  mask: Uint8Array,
  total: Float32Array,
  width: number,
  height: number,
): number {
  const inside = 3;
  const counts = new Uint32Array(64);
  let rim = 0;
  for (let y = inside; y < height - inside; y++) {
    for (let x = inside; x < width - inside; x++) {
      const i = y * width + x;
      if (!mask[i]) continue;
      let inwards = 0;
      if (!mask[i - 1]) inwards = inside;
      else if (!mask[i + 1]) inwards = -inside;
      else if (!mask[i - width]) inwards = inside * width;
      else if (!mask[i + width]) inwards = -inside * width;
      else continue;
      const most = Math.max(total[i], total[i + inwards], total[i + Math.round(inwards / 3)]);
      counts[Math.min(63, Math.floor(most))]++;
      rim++;
    }
  }
  let seen = 0;
  for (let value = 0; value < counts.length; value++) {
    seen += counts[value];
    if (seen >= rim * 0.25) return value;
  }
  return 0;
}
