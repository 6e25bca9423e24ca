import type { DrawnBackdrop, Light, Look, LookInput, Placement } from '../contracts';

const LIGHT: Light = {
  azimuth: -35,
  elevation: 52,
  softness: 0.6,
  shadow: 0.34,
  contact: 0.55,
  color: '#ffffff',
};
const PLACEMENT: Placement = { scale: 0.86, anchor: 'center', baseline: 0.84, margin: 0.08 };

const DEFAULT: Look = {
  surface: 'paper',
  prompt: '',
  negative_prompt: 'people, text, watermark',
  colors: ['#ffffff'],
  transparent: false,
  horizon: 0.6,
  reflection: 0,
  focus: [0.5, 0.5],
  light: LIGHT,
  placement: PLACEMENT,
};

const DARK: Partial<Light> = { shadow: 0, contact: 0 };

/** How each backdrop looks where nothing else was said. */
const DEFAULTS: Record<DrawnBackdrop | 'generated', LookInput> = {
  studio: { colors: ['#fbfbfa', '#ffffff'], reflection: 0.1 },
  gradient: { colors: ['#f4f1ec', '#d9d3c8'] },
  // One colour is one colour: shadows have to be asked for.
  color: { light: DARK },
  image: { reflection: 0 },
  generated: { reflection: 0 },
};

/** The look of a backdrop: its own, changed by each of the others in their order. */
export function lookOf(backdrop: keyof typeof DEFAULTS, ...changes: (LookInput | undefined)[]): Look {
  const all = [DEFAULTS[backdrop], ...changes].filter((look) => look !== undefined);
  return all.reduce<Look>(
    (look, change) => ({
      ...look,
      ...change,
      light: { ...look.light, ...change.light },
      placement: { ...look.placement, ...change.placement },
    }),
    DEFAULT,
  );
}
