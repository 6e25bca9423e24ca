import { availableParallelism } from 'node:os';
import { describeFileError, VitrineError } from '../../contracts';
import { freeMemoryMb, hardwareOf, type RunDevice, type SessionOptions } from '../../runtime';
import { fitsMemory } from '../choose';
import { familyOf } from '../families';
import type { Registry } from '../registry';
import type { NetworkEntry } from '../schema';
import { keyOf, noteSpeeds, readSpeeds, type SpeedNotes } from './notes';
import { timeOf } from './trial';
import { waysFor, type Way, type WayRequest } from './ways';

/** A way whose speed is known. */
export interface TimedWay extends Way {
  milliseconds: number;
}

/** A card that takes less than this is not what a photo waits for (bench/README.md): the CPU need not be tried as well. */
const QUICK_MS = 100;
/** Another way than the first must take less than this share of its time: measured again, a time differs as much. */
const CLEARLY = 0.9;

/**
 * Which of the ways to run a network is the fastest: measured where there are several, once for each, and remembered in
 * the home for all processes.
 */
export class Speeds {
  private readonly fastest = new Map<string, Promise<Way | undefined>>();
  private readonly hardware = new Map<RunDevice, Promise<string>>();

  /** @param home VITRINE_HOME */
  constructor(
    private readonly home: string,
    private readonly options: SessionOptions = {},
  ) {}

  /**
   * The fastest way for a request; undefined where there is nothing to choose between, or where one of the ways fails:
   * opening the network then tells why, or falls back.
   * @param onMeasure told when something is about to be measured, which may take many seconds
   */
  async find(
    registry: Registry,
    entry: NetworkEntry,
    request: WayRequest,
    onMeasure?: () => void,
  ): Promise<Way | undefined> {
    const ways = this.waysOf(registry, entry, request);
    if (!ways.length) return undefined;
    const choice = JSON.stringify(ways);
    const known = this.fastest.get(choice);
    if (known) return known;
    const found = this.measure(registry, ways, onMeasure).then(fastestOf);
    this.fastest.set(choice, found);
    found.catch(() => this.fastest.delete(choice));
    return found;
  }

  /** What is remembered of the ways for a request, the one that is taken first; empty where nothing is. */
  async remembered(registry: Registry, entry: NetworkEntry, request: WayRequest): Promise<TimedWay[]> {
    const notes = await readSpeeds(this.home);
    if (!Object.keys(notes).length) return [];
    const timed: TimedWay[] = [];
    for (const way of this.waysOf(registry, entry, request)) {
      const note = notes[await this.keyFor(registry, way)];
      if (note) timed.push({ ...way, milliseconds: note.milliseconds });
    }
    const taken = fastestOf(timed);
    return taken ? [taken, ...timed.filter((each) => each !== taken)] : [];
  }

  /** The ways to choose between; empty where there is but one, or where its family does not tell how to try it. */
  private waysOf(registry: Registry, entry: NetworkEntry, request: WayRequest): Way[] {
    if (!familyOf(entry).trial) return [];
    const ways = waysFor(registry, entry, request, this.options.host);
    return ways.length > 1 ? ways : [];
  }

  private async measure(registry: Registry, ways: Way[], onMeasure?: () => void): Promise<TimedWay[]> {
    const notes = await readSpeeds(this.home);
    const fresh: SpeedNotes = {};
    const timed: TimedWay[] = [];
    try {
      for (const way of ways) {
        const best = Math.min(...timed.map(({ milliseconds }) => milliseconds));
        if (ways[0].device !== 'cpu' && (await isSpared(way, best))) continue;
        const key = await this.keyFor(registry, way);
        let note = notes[key];
        if (!note) {
          onMeasure?.();
          const milliseconds = await timeOf(registry, way, best, this.options);
          const { id: model, precision } = way.entry;
          const hardware = await this.hardwareOf(way.device);
          note = fresh[key] = { model, device: way.device, precision, hardware, milliseconds };
        }
        timed.push({ ...way, milliseconds: note.milliseconds });
      }
      return timed;
    } catch (error) {
      if (!(error instanceof VitrineError) && !describeFileError(error)) throw error;
      return [];
    } finally {
      if (Object.keys(fresh).length) await noteSpeeds(this.home, fresh);
    }
  }

  private async keyFor(registry: Registry, way: Way): Promise<string> {
    return keyOf(registry, way, await this.hardwareOf(way.device));
  }

  private hardwareOf(device: RunDevice): Promise<string> {
    const known = this.hardware.get(device);
    if (known) return known;
    const asked = hardwareOf(device, this.options.threads || availableParallelism());
    this.hardware.set(device, asked);
    return asked;
  }
}

/** Whether the CPU need not be tried beside a card: that is quick enough, or there is no memory for both. */
async function isSpared({ device, entry }: Way, best: number): Promise<boolean> {
  if (device !== 'cpu') return false;
  return best <= QUICK_MS || !fitsMemory(entry, (await freeMemoryMb('cpu'))!);
}

/** The first of the ways, unless another one is clearly faster. */
function fastestOf(ways: TimedWay[]): TimedWay | undefined {
  const least = Math.min(...ways.map(({ milliseconds }) => milliseconds));
  return ways.find(({ milliseconds }) => CLEARLY * milliseconds <= least);
}
