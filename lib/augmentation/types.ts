import type { z } from 'zod/v4';
import type { Arena } from '../kernels';
import type { Matrix } from './matrix';
import type { Random } from './random';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Where effects are carried out. */
export interface Stage extends Size {
  arena: Arena;
}

/**
 * Where a row's pixels come from: changes places in the result, two lists of `count` f32 at the addresses `x` and `y`,
 * into places in the source. Pixels' centres are whole numbers.
 */
export type Locate = (x: number, y: number, count: number) => void;

/** Changes a row of RGB at an address, in place. */
export type ChangeRow = (at: number, y: number) => void;

/** What a transform does to a picture of one size. */
export type Effect =
  /** An inverse map: projective ones are composed before any pixel is looked at. */
  | { kind: 'geometry'; matrix: Matrix }
  | { kind: 'geometry'; prepare(stage: Stage): Locate }
  /** A table of 256 values, or one for each of red, green and blue. */
  | { kind: 'tables'; tables: Uint8Array }
  /** A colour by itself, wherever it lies. */
  | { kind: 'colors'; prepare(stage: Stage): ChangeRow }
  /** What depends on the place. */
  | { kind: 'places'; prepare(stage: Stage): ChangeRow; hide?: (alpha: Uint8Array, y: number) => void }
  /** What depends on the whole picture so far, which lies at an address. */
  | { kind: 'measured'; measure(stage: Stage, picture: number): Effect[] }
  /** What needs neighbours: from one address to another. */
  | { kind: 'pass'; run(stage: Stage, from: number, to: number): void };

/** One way to vary pictures. */
export interface Transform<Asked = unknown, Drawn = unknown> {
  /** What a pipeline may say of it: ranges, with defaults that are safe for products. */
  asked: z.ZodType<Asked>;
  /** What a record says: one value of each, and the seeds of what is random within a picture. */
  drawn: z.ZodType<Drawn>;
  /** How it can make a picture lie about its product; undefined where it cannot. */
  danger?: string;
  draw(asked: Asked, random: Random, size: Size): Drawn;
  effects(drawn: Drawn, size: Size): Effect[];
}
