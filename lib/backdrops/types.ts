import type { Look, RgbImage } from '../contracts';

/** Red, green and blue in linear light, 0..1. */
export type Light3 = [number, number, number];

/** What a backdrop is made for. */
export interface Stage {
  /** Pixels of the frame. */
  width: number;
  height: number;
  look: Look;
  /** The same one draws the same backdrop. */
  seed: number;
  /** Where the product stands: the middle of its lower edge, and how wide and high it is, in pixels of the frame. */
  foot: { x: number; y: number; width: number; height: number };
  /** The user's own picture, for the backdrop that shows it. */
  picture?: RgbImage;
}

/** A backdrop without its product. It is asked for row by row, so that no picture of it has to be kept. */
export interface Backdrop {
  /** Writes a row's linear light, 0..1: red, green, blue of each pixel from the left. */
  paint(y: number, row: Float32Array): void;
  /** The row, in pixels, where the floor ends; undefined where there is none, so that nothing mirrors the product. */
  horizon?: number;
}

export type DrawBackdrop = (stage: Stage) => Backdrop | Promise<Backdrop>;
