import { z } from 'zod/v4';
import { color, number, oneOf } from './fields';

/** What draws a backdrop by itself, the same on every machine. */
export const DRAWN_BACKDROPS = ['studio', 'gradient', 'color', 'image'] as const;
export type DrawnBackdrop = (typeof DRAWN_BACKDROPS)[number];

/** What makes a scene from a prompt. */
export const GENERATORS = ['sdxl', 'runway', 'gemini'] as const;
export type Generator = (typeof GENERATORS)[number];

/** Whether it can draw a scene around a product that stands in it already; the others never see the product. */
export function drawsAround(engine: string): boolean {
  return engine === 'sdxl';
}

/** What can stand behind a product, drawn or generated. */
export type SceneEngine = DrawnBackdrop | Generator;

export function isGenerator(engine: string): engine is Generator {
  return (GENERATORS as readonly string[]).includes(engine);
}

/** What a product stands on in a studio. */
export const SURFACES = ['paper', 'marble', 'wood', 'linen', 'concrete', 'podium'] as const;
export type Surface = (typeof SURFACES)[number];

/** Where across the frame the product stands. */
export const ANCHORS = ['left', 'center', 'right'] as const;

const share = number(0, 1);

const light = z.strictObject({
  azimuth: number(-180, 180).describe('degrees from -180 to 180: -90 left, 0 from the camera, 90 right'),
  elevation: number(10, 90).describe('degrees from 10 to 90 above the floor'),
  softness: share.describe('a number from 0 (hard sun) to 1 (a very large lamp)'),
  shadow: share.describe('a number from 0 (none) to 1: how dark the cast shadow is'),
  contact: share.describe('a number from 0 (none) to 1: how dark it is where the product touches the floor'),
  color: color.describe('a colour such as #fff4e6'),
});

const placement = z.strictObject({
  scale: number(0.05, 1).describe(
    'a number from 0.05 to 1: share of the room inside the margins to be filled',
  ),
  anchor: z.enum(ANCHORS).describe(oneOf(ANCHORS)),
  baseline: z
    .union([share, z.literal('center')])
    .describe(
      'a number from 0 (top) to 1 (bottom), where the product stands; or center, its middle in the middle',
    ),
  margin: z
    .union([number(0, 0.4), z.string().regex(/^\d+(\.\d+)?(%|px)$/)])
    .describe(
      'a number from 0 to 0.4, a share such as 8%, or pixels such as 120px: free room on each side, of that side',
    ),
});

/** How a product is shown; what is left out is the backdrop's own default. */
export const lookSchema = z.strictObject({
  description: z.string().max(200).optional().describe('a sentence for people'),
  backdrop: z
    .enum([...DRAWN_BACKDROPS, 'generated'])
    .optional()
    .describe(`${oneOf(DRAWN_BACKDROPS)}, or generated (from the prompt)`),
  surface: z.enum(SURFACES).optional().describe(oneOf(SURFACES)),
  prompt: z.string().max(2000).optional().describe('a text of at most 2000 characters'),
  negative_prompt: z.string().max(2000).optional().describe('a text of at most 2000 characters'),
  colors: z
    .array(color)
    .min(1)
    .max(3)
    .optional()
    .describe('one to three colours: wall, floor, accent; of a gradient: top and bottom'),
  transparent: z
    .boolean()
    .optional()
    .describe('true or false (with the backdrop color: no backdrop at all where the format can hold that)'),
  horizon: share.optional().describe('a number from 0 (top) to 1 (bottom): where wall and floor meet'),
  reflection: share.optional().describe('a number from 0 (none) to 1 (a mirror)'),
  focus: z
    .tuple([share, share])
    .optional()
    .describe('two numbers from 0 to 1: which point of a picture stays in the frame, across and down'),
  light: light.partial().optional().describe('an object with azimuth, elevation, softness, shadow, contact'),
  placement: placement
    .partial()
    .optional()
    .describe('an object with scale, anchor, baseline and margin, each a share'),
});

export type LookInput = z.output<typeof lookSchema>;

/** What a picker shows of a preset. */
export interface PresetSummary {
  name: string;
  /** A sentence for people; may be empty. */
  description: string;
  backdrop: NonNullable<LookInput['backdrop']>;
  /** From the user's `presets.local.yaml`. */
  own: boolean;
}

export type Light = z.output<typeof light>;
export type Placement = z.output<typeof placement>;

/** How a product is shown, with nothing left open. */
export interface Look extends Required<Omit<LookInput, 'description' | 'backdrop' | 'light' | 'placement'>> {
  light: Light;
  placement: Placement;
}
