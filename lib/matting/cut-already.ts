import type { Alpha } from '../contracts';

/** Alpha (levels) up to which a pixel is see-through: editors leave a haze of a few levels. */
const CLEAR = 25;
/** Share of a picture that is see-through in a cutout; little in one that was trimmed to the box of a carton. */
const LEAST = 0.002;
/** Up to this share, four corners alike may be those of a photo that were rounded. */
const ROUNDED = 0.04;
const ALIKE = 0.1;

/**
 * Whether a picture is a cutout already, so that its own transparency is its matte: as it is, never more opaque. Four round
 * corners can be those of a photo, and those of a carton that was trimmed to its box: nobody can tell by the alpha.
 */
export function cutAlready({ data, width, height }: Alpha): 'yes' | 'no' | 'rounded' {
  const corners = [0, 0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    const down = 2 * y < height ? 0 : 2;
    for (let x = 0; x < width; x++, i++) if (data[i] <= CLEAR) corners[down + (2 * x < width ? 0 : 1)]++;
  }
  const clear = corners.reduce((sum, count) => sum + count);
  if (clear < LEAST * data.length) return 'no';
  const alike = Math.max(...corners) - Math.min(...corners) <= (ALIKE * clear) / 4;
  return alike && clear <= ROUNDED * data.length ? 'rounded' : 'yes';
}
