import { stat } from 'node:fs/promises';
import type { OutputFormat, ReplacedPicture } from '../contracts';
import type { Marketplace } from '../backdrops';
import { coverage } from '../image';
import type { Drawn } from './picture';

/** The product may miss the fill that was asked for by this much: pixels are whole. */
const ROUNDING = 0.005;

/** How much of its frame a product fills. */
export function fillOf({ placed, frame }: Drawn): { side: number; area: number } {
  const { alpha, box } = placed;
  const pixels = frame.width * frame.height;
  const round = (share: number) => Math.round(share * 1000) / 1000;
  return {
    side: round(Math.max(box[2] / frame.width, box[3] / frame.height)),
    area: round((coverage(alpha) * alpha.data.length) / pixels),
  };
}

/** What a finished picture misses of a marketplace's rules; those on white and fill are for main pictures. */
export async function marketplaceWarnings(
  file: string,
  { name, side, min_side, max_side, max_bytes, formats }: Marketplace,
  { width, height, fill, white }: ReplacedPicture,
  format: OutputFormat,
): Promise<string[]> {
  const { size } = await stat(file);
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const missed: [boolean, string][] = [
    [shorter < min_side, `asks for ${min_side} pixels a side, and this picture has ${shorter}`],
    [
      max_side !== undefined && longer > max_side,
      `takes ${max_side} pixels a side, and this picture has ${longer}`,
    ],
    [max_bytes !== undefined && size > max_bytes, `takes ${max_bytes} bytes, and this file has ${size}`],
    [formats !== undefined && !formats.includes(format), `takes ${formats?.join(' or ')}, not ${format}`],
    [
      fill !== undefined && fill.side < side - ROUNDING,
      `asks for ${side * 100} % of the frame, and the product fills ${Math.round((fill?.side ?? 0) * 1000) / 10} %`,
    ],
    [white !== undefined && !white.border, 'asks for pure white, and the border of this file is not'],
  ];
  return missed.filter(([is]) => is).map(([, text]) => `${name} ${text}.`);
}
