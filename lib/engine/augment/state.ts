import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/v4';
import type { CutoutDone, ErrorBody, SurveyedPicture } from '../../contracts';
import { writeWhole } from './companion';

const FILE = 'state.json';
const VERSION = 2;

/** What is known of a source's cutout, or why there is none; `size` is what was asked for. */
export type CutKnown = { key: string; size?: number } & (CutoutDone | { error: ErrorBody });

/** What a run was asked for and had to work with, as far as other pictures would come of another. */
export interface Circumstances {
  /** By what they are called in sentences. */
  settings: Record<string, string>;
  /** A digest of the sources of each class and target: `<UPC>/syn`. */
  sources: Record<string, string>;
}

const stateFile = z.object({
  version: z.literal(VERSION),
  surveys: z.record(
    z.string(),
    z.custom<SurveyedPicture>((value) => typeof value === 'object' && value !== null),
  ),
  cutouts: z.record(
    z.string(),
    z.custom<CutKnown>((value) => typeof value === 'object' && value !== null),
  ),
  last: z
    .object({ settings: z.record(z.string(), z.string()), sources: z.record(z.string(), z.string()) })
    .nullable(),
  backgrounds: z.string().optional(),
});

/** What earlier runs found out, by the SHA-256 of the pictures. */
export class State {
  private constructor(
    private readonly root: string,
    readonly surveys: Map<string, SurveyedPicture>,
    readonly cutouts: Map<string, CutKnown>,
    /** Of the last run that came to its end; null where there was none. */
    readonly last: Circumstances | null,
    /** The folder of its backgrounds. */
    public backgrounds?: string,
  ) {}

  /** A file that cannot be read, or that another version wrote, counts as none: all is looked at anew. */
  static async read(companion: string): Promise<State> {
    const { data } = stateFile.safeParse(await readJson(join(companion, FILE)));
    const map = <T>(known: Record<string, T> = {}) => new Map(Object.entries(known));
    return new State(
      companion,
      map(data?.surveys),
      map(data?.cutouts),
      data?.last ?? null,
      data?.backgrounds,
    );
  }

  /** @param last left out: as it was */
  async write(last: Circumstances | null = this.last): Promise<void> {
    const { root, surveys, cutouts, backgrounds } = this;
    const state = {
      version: VERSION,
      surveys: Object.fromEntries(surveys),
      cutouts: Object.fromEntries(cutouts),
      ...{ last, backgrounds },
    };
    await writeWhole(join(root, FILE), (part) => writeFile(part, `${JSON.stringify(state)}\n`));
  }
}

/** @returns undefined where there is no such file, or none that JSON.parse takes */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
