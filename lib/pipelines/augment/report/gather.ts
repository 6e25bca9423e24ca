import { type AugmentItem, TARGETS, leastVisible } from '../../../contracts';
import type { PictureFigures } from './figures';
import { Histogram, Tally } from './histogram';
import { type Alike, nearDuplicates } from './near-duplicates';

/** Pictures, or pairs of them, that a person is shown of each kind of doubt. */
const SHOWN = 24;
/** Pairs of one class among them, so that one class does not take all the room. */
const PAIRS = 2;
/** Share of the product's pixels that may have become white or black. */
const CLIPPED = 0.1;

/** A picture on a contact sheet: one that was made, or the source of some. */
export type Shown = PictureFigures | { file: string };

/** What is known of one class. */
export interface ClassFigures {
  item: AugmentItem;
  /** Pictures that were made and are known, and those of them that show the product as an earlier one does. */
  made: number;
  alike: number;
  /** Pictures that hide too much of the product, and that are too light or too dark. */
  low: number;
  clipped: number;
  area: Histogram;
  brightness: Histogram;
  /** For its contact sheet. */
  shown: Shown[];
}

/** All that the report draws, gathered class by class. */
export class Gathered {
  readonly classes: ClassFigures[] = [];
  readonly area = new Histogram(0, 1, 20);
  readonly brightness = new Histogram(0, 1, 20);
  readonly scale = new Histogram(0, 2, 20);
  readonly rotate = new Histogram(-30, 30, 24);
  readonly backgrounds = new Tally();
  readonly pipelines = new Tally();
  readonly low = new Worst();
  readonly clipped = new Worst();
  readonly alike: Alike<PictureFigures>[] = [];

  /**
   * @param figures of the class
   * @param sheet pictures of its contact sheet
   */
  add(item: AugmentItem, figures: readonly PictureFigures[], sheet: number): void {
    const [area, brightness] = [new Histogram(0, 1, 12), new Histogram(0, 1, 12)];
    let [low, clipped] = [0, 0];
    for (const each of figures) {
      this.count(each);
      if (each.area !== null) area.add(each.area, each.target);
      brightness.add(each.brightness, each.target);
      if (each.visible < leastVisible(each.pipeline)) low += this.low.add(each, 1 - each.visible);
      if (each.clipped > CLIPPED) clipped += this.clipped.add(each, each.clipped);
    }
    const alike = nearDuplicates(figures, ({ hash }) => hash);
    const room = Math.min(PAIRS, SHOWN - this.alike.length);
    this.alike.push(...[...alike].sort((a, b) => a.distance - b.distance).slice(0, room));
    const counts = { made: figures.length, alike: alike.length, low, clipped };
    this.classes.push({ item, ...counts, area, brightness, shown: sample(figures, sheet) });
  }

  /** Pictures on all contact sheets. */
  get pictures(): number {
    return this.classes.reduce((sum, { shown }) => sum + shown.length, 0);
  }

  private count({ area, brightness, scale, rotate, background, pipeline, target }: PictureFigures): void {
    if (area !== null) this.area.add(area, target);
    this.brightness.add(brightness, target);
    this.scale.add(scale, target);
    this.rotate.add(rotate, target);
    if (background !== null) this.backgrounds.add(background, target);
    this.pipelines.add(pipeline, target);
  }
}

/** The worst few of many. */
export class Worst {
  readonly shown: { figures: PictureFigures; badness: number }[] = [];
  count = 0;

  /** @param badness the higher the worse */
  add(figures: PictureFigures, badness: number): 1 {
    this.count++;
    this.shown.push({ figures, badness });
    this.shown.sort((a, b) => b.badness - a.badness);
    this.shown.length = Math.min(SHOWN, this.shown.length);
    return 1;
  }
}

/** An even selection of what is here: up to a quarter of sources, and as many synthetic as real pictures. */
export function sample(figures: readonly PictureFigures[], most: number): Shown[] {
  const sources = [...new Set(figures.map(({ source }) => source))].sort().map((file) => ({ file }));
  const [syn, real] = TARGETS.map((target) => figures.filter((each) => each.target === target && each.here));
  const first = evenly(sources, Math.floor(most / 4));
  const room = most - first.length;
  const photos = evenly(real, Math.max(Math.floor(room / 2), room - syn.length));
  return [...first, ...evenly(syn, room - photos.length), ...photos];
}

function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]);
}
