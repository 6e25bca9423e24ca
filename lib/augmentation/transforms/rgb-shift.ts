import { defineTransform, uniform } from '../fields';
import { tablesOf } from '../tables';

const shift = () => uniform(-255, 255, [-6, 6]);

/** Adds levels to red, green and blue apart. */
export const rgbShift = defineTransform(
  { red: shift(), green: shift(), blue: shift() },
  {
    danger: 'Beyond about 10 levels it recolours the brand.',
    effects: ({ red, green, blue }) =>
      [red, green, blue].some(Boolean)
        ? [tablesOf([red, green, blue].map((levels) => (level: number) => level + Math.trunc(levels)))]
        : [],
  },
);
