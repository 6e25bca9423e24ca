import type { Alpha } from '../contracts';

/** Alpha (levels) up to which a pixel is see-through: editors leave a haze of a few levels. */
const CLEAR = 25;
/** Share of a picture that is see-through in a cutout, also in one that was trimmed to its product's box. */
const CLEAR_SHARE = 0.04;

/**
 * Whether a picture is a cutout already, so that its own transparency is its matte: as it is, never more opaque. A photo
 * whose corners are rounded is none.
 */
export function isCutAlready({ data }: Alpha): boolean {
  let clear = 0;
  for (let i = 0; i < data.length; i++) if (data[i] <= CLEAR) clear++;
  return clear >= CLEAR_SHARE * data.length;
}
