import type { Alpha, RgbImage } from '../contracts';
import { type Arena, sharedArena } from '../kernels';
import { IDENTITY, type Matrix, multiply } from './matrix';
import type { ChangeRow, Effect, Locate, Stage } from './types';

/** What is seen where a picture was moved away from: its background or the picture itself, mirrored, or one colour. */
export type Beyond =
  | { kind: 'background'; background: RgbImage }
  | { kind: 'mirror' }
  | { kind: 'color'; color: readonly number[] };
/** As kernels/sample.ts numbers them. */
const BEYOND = { color: 0, mirror: 1, background: 2 } as const;

export interface Executed {
  image: RgbImage;
  alpha?: Alpha;
  /** Share of the product, 0..1, that is still within the frame and not hidden; 1 without alpha. */
  visible: number;
}

/**
 * Carries out effects in few passes over the picture: maps that follow one another are composed and sampled once;
 * tables that follow one another become one; these, and all else that needs no neighbours, happen row by row while the
 * row is at hand. A map goes before what colours have been through where they do not depend on the place.
 */
export function execute(
  effects: readonly Effect[],
  image: RgbImage,
  beyond: Beyond,
  alpha?: Alpha,
): Executed {
  const arena = sharedArena();
  return arena.scope(() => {
    const run = new Run(arena, image, beyond, alpha);
    for (const effect of effects) run.add(effect);
    return run.finish();
  });
}

type Geometry = Extract<Effect, { kind: 'geometry' }>;
type RowEffect = Extract<Effect, { kind: 'tables' | 'colors' | 'places' }>;
/** Two lists of places, f32. */
type Places = readonly [x: number, y: number];

class Run {
  private readonly stage: Stage;
  /** The picture so far, and room for the next one. */
  private current: number;
  private other: number;
  private alpha?: { current: number; other: number; hard: number };
  private readonly beyond: { kind: number; other: number };
  private readonly maps: Geometry[] = [];
  private readonly changes: RowEffect[] = [];
  private visible = 1;

  constructor(arena: Arena, image: RgbImage, beyond: Beyond, alpha?: Alpha) {
    this.stage = { arena, width: image.width, height: image.height };
    this.current = arena.put(image.data);
    this.other = arena.take(image.data.length);
    if (alpha) {
      const current = arena.put(alpha.data);
      const hard = arena.kernels.isHard(current, alpha.data.length);
      this.alpha = { current, other: arena.take(alpha.data.length), hard };
    }
    const seen = beyond.kind === 'background' ? beyond.background.data : undefined;
    const color = beyond.kind === 'color' ? Uint8Array.from(beyond.color) : new Uint8Array(3);
    this.beyond = { kind: BEYOND[beyond.kind], other: arena.put(seen ?? color) };
  }

  add(effect: Effect): void {
    const { changes } = this;
    switch (effect.kind) {
      case 'geometry':
        if (changes.some(({ kind }) => kind === 'places')) this.flush();
        this.maps.push(effect);
        break;
      case 'tables': {
        const last = changes.at(-1);
        if (last?.kind === 'tables') changes.pop();
        const tables = last?.kind === 'tables' ? compose(last.tables, effect.tables) : effect.tables;
        changes.push({ kind: 'tables', tables });
        break;
      }
      case 'colors':
      case 'places':
        changes.push(effect);
        break;
      case 'measured':
        this.flush();
        effect.measure(this.stage, this.current).forEach((found) => this.add(found));
        break;
      case 'pass':
        this.flush();
        this.stage.arena.scope(() => effect.run(this.stage, this.current, this.other));
        this.swap();
    }
  }

  finish(): Executed {
    this.flush();
    const { arena, width, height } = this.stage;
    const copy = (at: number, bytes: number) => ({ data: arena.bytes(at, bytes).slice(), width, height });
    const image = copy(this.current, width * height * 3);
    const alpha = this.alpha && copy(this.alpha.current, width * height);
    return { image, alpha, visible: Math.min(1, this.visible) };
  }

  private flush(): void {
    const { maps, changes, stage } = this;
    if (!maps.length && !changes.length) return;
    stage.arena.scope(() => {
      const rows = changes.map((change) => this.prepare(change));
      const hides = changes.flatMap((change) =>
        change.kind === 'places' && change.hide ? [change.hide] : [],
      );
      if (maps.length) this.resample(rows, hides);
      else this.changeInPlace(rows, hides);
    });
    maps.length = 0;
    changes.length = 0;
  }

  private prepare(change: RowEffect): ChangeRow {
    if (change.kind !== 'tables') return change.prepare(this.stage);
    const { arena, width } = this.stage;
    const { kernels } = arena;
    const tables = arena.put(change.tables);
    return change.tables.length === 256
      ? (at) => kernels.mapAll(at, width, tables)
      : (at) => kernels.mapEach(at, width, tables);
  }

  private changeInPlace(rows: ChangeRow[], hides: Hide[]): void {
    const { width, height } = this.stage;
    for (let y = 0; y < height; y++) for (const change of rows) change(this.current + y * width * 3, y);
    if (!this.alpha || !hides.length) return;
    const before = this.alphaSum();
    const alpha = this.stage.arena.bytes(this.alpha.current, width * height);
    for (let y = 0; y < height; y++) {
      for (const hide of hides) hide(alpha.subarray(y * width, (y + 1) * width), y);
    }
    this.visible *= before === 0 ? 1 : this.alphaSum() / before;
  }

  private resample(rows: ChangeRow[], hides: Hide[]): void {
    const { stage, alpha, beyond } = this;
    const { arena, width, height } = stage;
    const { kernels } = arena;
    const locate = composed(this.maps, stage);
    const list = () => arena.take(4 * (width + 4));
    let [here, below]: [Places, Places] = [
      [list(), list()],
      [list(), list()],
    ];
    const fixed: Places = [list(), list()];
    const before = alpha ? this.alphaSum() : 0;
    let seen = 0;
    locate(here, 0);
    for (let y = 0; y < height; y++) {
      const [u, v] = fixed;
      kernels.toFixed(here[0], width, u);
      kernels.toFixed(here[1], width, v);
      const row = this.other + y * width * 3;
      kernels.sampleRow(this.current, width, height, u, v, width, row, beyond.kind, beyond.other);
      for (const change of rows) change(row, y);
      locate(below, y + 1);
      if (alpha) {
        const at = alpha.other + y * width;
        kernels.sampleAlphaRow(alpha.current, width, height, u, v, width, at, beyond.kind, alpha.hard);
        for (const hide of hides) hide(arena.bytes(at, width), y);
        seen += kernels.seenArea(...here, ...below, at, width, width, height);
      }
      [here, below] = [below, here];
    }
    this.swap();
    if (!alpha) return;
    [alpha.current, alpha.other] = [alpha.other, alpha.current];
    if (before > 0) this.visible *= seen / before;
  }

  private swap(): void {
    [this.current, this.other] = [this.other, this.current];
  }

  private alphaSum(): number {
    const { arena, width, height } = this.stage;
    return arena.kernels.sumBytes(this.alpha!.current, width * height);
  }
}

type Hide = (alpha: Uint8Array, y: number) => void;

/** Tables of one or three times 256 values: first `first`, then `second`. */
function compose(first: Uint8Array, second: Uint8Array): Uint8Array {
  const length = Math.max(first.length, second.length);
  return Uint8Array.from({ length }, (_, at) => {
    const value = first[at % first.length];
    return second.length === 256 ? second[value] : second[at - (at % 256) + value];
  });
}

/** Where each pixel of a row comes from, in pixels of the source. */
export interface Origins {
  x: Float32Array;
  y: Float32Array;
}

/** Where the pixels of some rows come from. */
export function originsOf(
  effects: readonly Effect[],
  { width, height }: { width: number; height: number },
  rows: readonly number[],
): Origins[] {
  const arena = sharedArena();
  return arena.scope(() => {
    const maps = effects.filter((effect): effect is Geometry => effect.kind === 'geometry');
    const locate = composed(maps, { arena, width, height });
    const list = () => arena.take(4 * (width + 4));
    const places: Places = [list(), list()];
    return rows.map((row) => {
      locate(places, row);
      const [x, y] = places.map((at) => new Float32Array(arena.bytes(at, 4 * width).slice().buffer));
      return { x, y };
    });
  });
}

/** Where the rows of a picture come from that goes through one map after the other. */
function composed(maps: readonly Geometry[], stage: Stage): (places: Places, y: number) => void {
  const { arena, width } = stage;
  const { kernels } = arena;
  const steps: Locate[] = [];
  let matrix: Matrix = IDENTITY;
  const project = () => {
    if (matrix === IDENTITY) return;
    const at = arena.put(Float32Array.from(matrix));
    steps.push((x, y, count) => kernels.project(x, y, count, at));
    matrix = IDENTITY;
  };
  // What comes last is the first on the way back.
  for (const map of maps.toReversed()) {
    if ('matrix' in map) matrix = multiply(map.matrix, matrix);
    else {
      project();
      steps.push(map.prepare(stage));
    }
  }
  project();
  return ([x, y], row) => {
    kernels.startRow(x, y, width, row);
    for (const step of steps) step(x, y, width);
  };
}
