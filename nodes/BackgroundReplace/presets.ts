import type { INodePropertyOptions } from 'n8n-workflow';

/**
 * The presets of models/presets.yaml, as people call them, for an editor with no engine to ask;
 * test/nodes/presets.test.ts keeps them together.
 */
export const PRESETS: INodePropertyOptions[] = [
  { name: 'Bathroom', value: 'bathroom', description: 'Light bathroom shelf with tiles; needs a generator' },
  { name: 'Concrete', value: 'concrete', description: 'Cast concrete, cool and plain' },
  { name: 'Festive', value: 'festive', description: 'Warm lights and greenery; needs a generator' },
  { name: 'Kitchen', value: 'kitchen', description: 'Bright kitchen counter; needs a generator' },
  { name: 'Linen', value: 'linen', description: 'Natural linen cloth, soft daylight' },
  { name: 'Marble', value: 'marble', description: 'White marble table before a light wall' },
  {
    name: 'Marketplace White',
    value: 'marketplace-white',
    description: 'Pure white main picture by the rules of a marketplace',
  },
  { name: 'Minimalist', value: 'minimalist', description: 'One quiet color, nothing else' },
  {
    name: 'Nature Scene',
    value: 'nature-scene',
    description: 'Moss, stone and leaves in soft light; needs a generator',
  },
  { name: 'Podium', value: 'podium', description: 'A round podium in one soft color' },
  {
    name: 'Portrait Outdoor',
    value: 'portrait-outdoor',
    description: 'Natural outdoor background, out of focus; needs a generator',
  },
  { name: 'Product Studio', value: 'product-studio', description: 'Clean white studio' },
  {
    name: 'Shadow Only',
    value: 'shadow-only',
    description: 'Product and shadow on nothing; transparent as PNG or WebP, white as JPEG',
  },
  {
    name: 'Studio Gradient',
    value: 'studio-gradient',
    description: 'Professional studio with a gradient from dark to light',
  },
  { name: 'Wood', value: 'wood', description: 'Warm wooden table before a plain wall' },
];

/** Those of models/marketplaces.yaml. */
export const MARKETPLACES: INodePropertyOptions[] = [
  { name: 'Amazon', value: 'amazon' },
  { name: 'Any Marketplace', value: 'any', description: 'The strictest of the rules that all can meet' },
  { name: 'eBay', value: 'ebay' },
  { name: 'Etsy', value: 'etsy' },
  { name: 'Google Shopping', value: 'google' },
  { name: 'Shopify', value: 'shopify' },
  { name: 'Walmart', value: 'walmart' },
  { name: 'Zalando', value: 'zalando' },
];
