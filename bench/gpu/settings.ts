import type { RunDevice } from '../../lib/runtime';

/** What every section is told. */
export interface Settings {
  device: Extract<RunDevice, 'cuda' | 'cpu'>;
  /** The sections' own: results, logs, and `models`, which holds the networks of `networks`. */
  folder: string;
  /** BiRefNet's graphs, kept where the user named a folder. */
  graphs: string;
  /** Names of networks that are there, see networks.ts. */
  networks: string[];
  /** Different ones, because a mask that was made once comes from memory. The first come from the packshots. */
  photos: string[];
  python: string;
  /** Folder of the checkouts that hold the architectures, for PyTorch. */
  checkouts?: string;
  /** Pixels of the side of BiRefNet's picture, and in PyTorch of ISNet's. */
  size: number;
  /** Photos that one caller sends, and bare runs. */
  rounds: number;
}

/** Adds values to a subject's row of a table; known at once, so that a section that ends early loses nothing. */
export type Tell = (table: string, subject: string, values: Record<string, string | number>) => void;

/** A part of the bench, in a process of its own. */
export type Section = (settings: Settings, tell: Tell, ...args: string[]) => Promise<void>;
