import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { TARGETS } from '../../../contracts';

const share = z.number().min(0).max(1);

/** What the report takes of a `PictureDone`, whichever version wrote it. */
const lineSchema = z.object({
  record: z.object({
    file: z.string(),
    upc: z.string(),
    target: z.enum(TARGETS),
    source: z.object({ name: z.string(), cut: z.string().nullable() }),
    composition: z
      .object({
        background: z.object({ kind: z.string(), name: z.string().optional() }),
        product: z.object({ scale: z.number() }),
      })
      .nullable(),
    augmentation: z.object({
      pipeline: z.string(),
      steps: z.array(z.looseObject({ transform: z.string() })).default([]),
    }),
  }),
  area: share,
  visible: share,
  brightness: share,
  clipped: share,
  hash: z.string().regex(/^[0-9a-f]{16}$/),
  background: z.string(),
});

/** What the report draws of one picture that was made. */
export interface PictureFigures {
  /** `<UPC>/<folder>/<name>` below the data set; what it was made of as well. */
  file: string;
  source: string;
  target: (typeof TARGETS)[number];
  pipeline: string;
  /** The name of a file, or of what was drawn; null where it is the photo's own. */
  background: string | null;
  /** Share of the frame that is product, 0..1; null where nobody knows where the product is. */
  area: number | null;
  /** Share of the product that is in the frame and not hidden, 0..1. */
  visible: number;
  /** Mean luma of the product, 0..1. */
  brightness: number;
  /** Share of the product's pixels that became white or black, 0..1. */
  clipped: number;
  /** The product's size, as a share of the room or of what it was; degrees that it was turned by. */
  scale: number;
  rotate: number;
  /** 16 hexadecimal digits. */
  hash: string;
  /** Whether it lies in the data set's folder: of one that lies elsewhere, not all was fetched. */
  here: boolean;
}

/**
 * Reads what is known of the pictures that were made, by their classes: a few hundred bytes of each stay in memory.
 * @param records `PictureDone` in lines of JSON, the last one of a picture counts; a line that was not written to its end
 *   counts as not there
 * @param dataset the folder that `file` of each picture is below
 */
export async function readFigures(records: string, dataset: string): Promise<Map<string, PictureFigures[]>> {
  const classes = new Map<string, Map<string, PictureFigures>>();
  const folders = new Map<string, Set<string>>();
  for await (const line of linesOf(records)) {
    const { data } = lineSchema.safeParse(parsed(line));
    if (!data) continue;
    const { upc, file } = data.record;
    const folder = dirname(file);
    if (!folders.has(folder)) folders.set(folder, await namesIn(join(dataset, folder)));
    const figures = { ...figuresOf(data), here: folders.get(folder)!.has(basename(file)) };
    classes.set(upc, (classes.get(upc) ?? new Map<string, PictureFigures>()).set(file, figures));
  }
  return new Map([...classes].map(([upc, figures]) => [upc, [...figures.values()]]));
}

function figuresOf({
  record,
  background,
  area,
  ...own
}: z.output<typeof lineSchema>): Omit<PictureFigures, 'here'> {
  const { file, target, source, composition, augmentation } = record;
  const { visible, brightness, clipped, hash } = own;
  const affine = augmentation.steps.filter(({ transform }) => transform === 'affine');
  const drawn = (name: string) => affine.map((step) => Number(step[name] ?? NaN)).filter(Number.isFinite);
  return {
    ...{ file, target, source: source.name, pipeline: augmentation.pipeline },
    ...{ visible, brightness, clipped, hash },
    background: composition ? (composition.background.name ?? background) : null,
    area: source.cut === null ? null : area,
    scale: drawn('scale').reduce((product, scale) => product * scale, composition?.product.scale ?? 1),
    rotate: drawn('rotate').reduce((sum, degrees) => sum + degrees, 0),
  };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = await open(file).catch(ifMissing(undefined));
  if (handle) yield* handle.readLines();
}

async function namesIn(folder: string): Promise<Set<string>> {
  return new Set(await readdir(folder).catch(ifMissing([])));
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
