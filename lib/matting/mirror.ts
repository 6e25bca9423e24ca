interface Plane {
  data: Uint8Array;
  width: number;
  height: number;
}

/** A picture or matte with left and right exchanged. @param channels numbers of a pixel */
export function mirrored({ data, width, height }: Plane, channels: number): Plane {
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const from = (row + x) * channels;
      const to = (row + width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) turned[to + c] = data[from + c];
    }
  }
  return { data: turned, width, height };
}
