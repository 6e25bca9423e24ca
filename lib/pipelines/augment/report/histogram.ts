import { TARGETS, type Target } from '../../../contracts';

/** How often values fall where, synthetic and real pictures apart. */
export class Histogram {
  readonly counts: Record<Target, number[]>;

  /**
   * @param from where the first bin begins
   * @param to where the last one ends; values beyond either count in the bin beside them
   */
  constructor(
    readonly from: number,
    readonly to: number,
    readonly bins: number,
  ) {
    this.counts = { syn: Array<number>(bins).fill(0), real: Array<number>(bins).fill(0) };
  }

  add(value: number, target: Target): void {
    const place = Math.floor(((value - this.from) / (this.to - this.from)) * this.bins);
    this.counts[target][Math.max(0, Math.min(this.bins - 1, place))]++;
  }

  get total(): number {
    return TARGETS.reduce((sum, target) => sum + this.counts[target].reduce((a, b) => a + b, 0), 0);
  }

  /** Where a bin begins. */
  edge(bin: number): number {
    return this.from + ((this.to - this.from) * bin) / this.bins;
  }
}

/** How often each name comes. */
export class Tally {
  private readonly counts = new Map<string, Record<Target, number>>();

  add(name: string, target: Target): void {
    const counts = this.counts.get(name) ?? { syn: 0, real: 0 };
    counts[target]++;
    this.counts.set(name, counts);
  }

  get size(): number {
    return this.counts.size;
  }

  /** The most frequent names, and all others as one. */
  top(most: number): { name: string | null; syn: number; real: number }[] {
    const order = [...this.counts]
      .map(([name, counts]) => ({ name, ...counts }))
      .sort((a, b) => b.syn + b.real - a.syn - a.real || (a.name < b.name ? -1 : 1));
    if (order.length <= most) return order;
    const others = { name: null, syn: 0, real: 0 };
    for (const { syn, real } of order.slice(most - 1)) {
      others.syn += syn;
      others.real += real;
    }
    return [...order.slice(0, most - 1), others];
  }
}
