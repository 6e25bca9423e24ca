import { defineTransform, uniform } from '../fields';
import { shiftHsv } from '../hsv';

/** Turns hues by units of 2 degrees, adds to saturation (of 255) and value (of 255). */
export const hsvShift = defineTransform(
  {
    hue: uniform(-90, 90, [-3, 3]),
    saturation: uniform(-255, 255, [-12, 12]),
    value: uniform(-255, 255, [-10, 10]),
  },
  {
    danger: 'A hue beyond about 8 units recolours the brand.',
    effects: ({ hue, saturation, value }) =>
      hue || saturation || value ? [shiftHsv(hue, saturation, value)] : [],
  },
);
