import { join } from 'node:path';
import { z } from 'zod/v4';
import { OUTPUT_FORMATS, type Placement, invalid, nearest, packagedModelsDir, readYaml } from '../contracts';
import type { Size } from './place';

const pixels = z.int().min(1).max(16_384);

const marketplaceSchema = z.strictObject({
  name: z.string(),
  source: z.string(),
  checked: z.iso.date(),
  confidence: z.enum(['high', 'medium', 'low']),
  /** The frame that is made where none was asked for. */
  width: pixels,
  height: pixels,
  /** Share of the frame that the product fills on the way on which it fills more. */
  side: z.number().min(0.1).max(1),
  min_side: pixels,
  max_side: pixels.optional(),
  /** False: the frame becomes smaller rather than the product larger than in its photo. */
  enlarge: z.boolean().default(true),
  formats: z.array(z.enum(OUTPUT_FORMATS)).optional(),
  max_bytes: z.int().optional(),
});

/** A marketplace's rules for the main picture; all ask for pure white. */
export type Marketplace = z.output<typeof marketplaceSchema>;

const fileSchema = z.strictObject({ marketplaces: z.record(z.string(), marketplaceSchema) });

/** @throws VitrineError INVALID_PARAMETER for an unknown name, naming those most like it */
export async function findMarketplace(name: string): Promise<Marketplace> {
  const { marketplaces } = await readYaml(join(packagedModelsDir, 'marketplaces.yaml'), fileSchema);
  if (Object.hasOwn(marketplaces, name)) return marketplaces[name];
  const names = Object.keys(marketplaces);
  const hint = `Did you mean ${nearest(name, names).join(' or ')}?`;
  throw invalid('marketplace', `one of ${names.join(', ')}`, name, hint);
}

/** The frame for a product of this size: smaller than advised where the product may not be enlarged. */
export function marketplaceFrame(
  { width, height, side, enlarge, min_side }: Marketplace,
  product: Size,
): Size {
  if (enlarge) return { width, height };
  const fit = Math.min(1, Math.max(product.width / (side * width), product.height / (side * height)));
  const least = Math.min(1, min_side / Math.min(width, height));
  const scale = Math.max(fit, least);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** In the middle, filling what is asked for. */
export function marketplacePlacement({ side }: Marketplace): Placement {
  return { scale: 1, margin: (1 - side) / 2, anchor: 'center', baseline: 'center' };
}
