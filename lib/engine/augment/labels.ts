import { createWriteStream } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Outline, type PictureDone, type SplitSide } from '../../contracts';
import { type Companion, writeWhole } from './companion';
import type { Original } from './originals';
import { areaOf, readRunLengths } from './run-lengths';

/** A picture that there is a label for. */
export interface Labelled extends Outline {
  file: string;
  upc: string;
  side: SplitSide;
  /** Pixels. */
  width: number;
  height: number;
}

/** What a made picture says of its product; undefined where nobody knows where it is. */
export function labelOf({ record, width, height, boxes, rle }: PictureDone): Labelled | undefined {
  const [box] = boxes;
  if (!box || rle === undefined) return undefined;
  const { file, upc } = record;
  return { file, upc, side: 'train', width, height, box, rle };
}

/** The label of an original whose product was cut out. */
export function labelOfOriginal(
  { file, upc, survey: { width, height } }: Original,
  side: SplitSide,
  outline: Outline,
): Labelled {
  return { file, upc, side, width, height, ...outline };
}

/** What the labels of a data set are written of. */
export interface Labelling {
  companion: Companion;
  dataset: string;
  /** In the order of their ids. */
  classes: readonly string[];
  /** Those that get files of their own; of a data set that is not split, train alone. */
  sides: readonly SplitSide[];
  /** All pictures that there is a label for; called once for each pass over them. */
  all(): AsyncIterable<Labelled>;
}

/**
 * Writes `coco/train.json` (and `val.json`, `test.json` with a split): pictures named below the data set, ids from 1, outlines
 * as run lengths, which know holes.
 */
export async function writeCoco({ companion, classes, sides, all }: Labelling): Promise<void> {
  const ids = new Map(classes.map((upc, at) => [upc, at + 1]));
  for (const side of sides) {
    await writeWhole(companion.path('coco', `${side}.json`), (part) =>
      pipeline(Readable.from(coco(side, classes, ids, all)), createWriteStream(part)),
    );
  }
}

async function* coco(
  side: SplitSide,
  classes: readonly string[],
  ids: ReadonlyMap<string, number>,
  all: Labelling['all'],
): AsyncGenerator<string> {
  yield '{"info":{"description":"Made by vitrine augment"},"licenses":[],\n"categories":[';
  yield classes.map((name, at) => JSON.stringify({ id: at + 1, name, supercategory: 'product' })).join(',\n');
  yield '],\n"images":[';
  yield* list(side, all, (id, { file, width, height }) => ({ id, file_name: file, width, height }));
  yield '],\n"annotations":[';
  yield* list(side, all, (id, { upc, box, rle, width, height }) => ({
    ...{ id, image_id: id, category_id: ids.get(upc), bbox: box, iscrowd: 0 },
    area: areaOf(readRunLengths(rle)),
    segmentation: { size: [height, width], counts: rle },
  }));
  yield ']}\n';
}

async function* list(
  side: SplitSide,
  all: Labelling['all'],
  write: (id: number, label: Labelled) => object,
): AsyncGenerator<string> {
  let id = 0;
  for await (const label of all()) {
    if (label.side === side) yield `${id++ ? ',\n' : '\n'}${JSON.stringify(write(id, label))}`;
  }
}

/**
 * Writes `yolo/`: `classes.txt` in the order of the numbers, a text of each picture below `labels/`, the pictures of each side
 * in `train.txt` and so on, and `data.yaml` for Ultralytics. Its `images` is a link to the data set, since the labels are
 * looked for beside a folder of that name.
 * @returns warnings
 */
export async function writeYolo(labelling: Labelling): Promise<string[]> {
  const { companion, dataset, classes, sides, all } = labelling;
  const numbers = new Map(classes.map((upc, at) => [upc, at]));
  const root = companion.path('yolo');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  const lists = new Map(sides.map((side) => [side, [] as string[]]));
  for await (const { file, upc, side, width, height, box } of all()) {
    const [x, y, across, down] = box;
    const values = [(x + across / 2) / width, (y + down / 2) / height, across / width, down / height];
    const text = join(root, 'labels', file.replace(/\.[^./]+$/, '.txt'));
    await mkdir(dirname(text), { recursive: true });
    await writeFile(text, `${numbers.get(upc)} ${values.map((value) => value.toFixed(6)).join(' ')}\n`);
    lists.get(side)?.push(`./images/${file}\n`);
  }
  await writeFile(join(root, 'classes.txt'), classes.map((name) => `${name}\n`).join(''));
  for (const [side, list] of lists) await writeFile(join(root, `${side}.txt`), list.join(''));
  const files = sides.map((side) => `${side}: ${side}.txt\n`).join('');
  // Ultralytics does not begin without one.
  const val = sides.includes('val') ? '' : 'val: train.txt\n';
  const names = classes.map((name, at) => `  ${at}: ${JSON.stringify(name)}\n`).join('');
  await writeFile(join(root, 'data.yaml'), `path: .\n${files}${val}names:\n${names}`);
  try {
    await symlink(relative(root, dataset), join(root, 'images'), 'dir');
    return [];
  } catch {
    return [
      `yolo/images could not be made a link to the data set: make a link or a copy of ${basename(dataset)} there before you train.`,
    ];
  }
}
