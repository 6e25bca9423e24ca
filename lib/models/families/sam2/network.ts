import type { RgbImage } from '../../../contracts';
import { resizeRgb } from '../../../image';
import type { Session, Tensor, TensorInfo } from '../../../runtime';
import {
  floatTensor,
  floatsOf,
  misfit,
  named,
  numberTensor,
  toNchw,
  turned,
  type FloatType,
  type Normalisation,
} from '../tensors';
import type {
  DecodedMask,
  FrameFeatures,
  FrameMemory,
  MemoryBank,
  TrackingNetwork,
  Values,
} from '../tracking';
import { cutBank, fixedRows, pointerRows, spatialRows } from './bank';
import { toBfloat16 } from './bfloat16';
import { readConstants, type Constants } from './constants';
import { FRESH, readContract, type Contract, type Graphs } from './contract';
import { embedDistances } from './distances';
import { BANK, type BankForm } from './exports';

/** The input that tells a bank of one size which of its rows stand for nothing; see `maskBank`. */
export const MEMORY_MASK = 'memory_mask';

interface Entry {
  id: string;
  bank: BankForm;
  input: Normalisation & { size: number };
}

/** @throws VitrineError INVALID_MODEL where the graphs or the constants do not fit the entry */
export function trackingNetwork(
  entry: Entry,
  graphs: Graphs,
  { constants: file }: { constants: string },
): TrackingNetwork {
  const constants = readConstants(file);
  const contract = readContract(
    { id: entry.id, bank: entry.bank, size: entry.input.size },
    graphs,
    constants,
  );
  return new Sam2(entry.input, graphs, constants, contract);
}

class Sam2 implements TrackingNetwork {
  readonly size: number;
  readonly lookBack: number;
  readonly pointers: number;
  /** Of the coarsest features as the attention takes them; the same in every frame. */
  private positions?: Float32Array;
  /** Of the rows of a memory; the same in every frame. */
  private spatial?: Float32Array;

  constructor(
    private readonly input: Normalisation,
    private readonly graphs: Graphs,
    private readonly constants: Constants,
    private readonly contract: Contract,
  ) {
    this.size = contract.size;
    this.lookBack = constants.memory_temporal_positional_encoding.length - 1;
    this.pointers = contract.pointers;
  }

  async encode(frame: RgbImage): Promise<FrameFeatures> {
    const { names, size, grid, channels } = this.contract;
    const { vision_encoder: session } = this.graphs;
    const { fine, middle, coarse, positions } = names.vision;
    const fits = frame.width === size && frame.height === size;
    const squashed = fits ? frame : await resizeRgb(frame, size, size, 'linear');
    const { type } = this.in(session, 'pixel_values');
    const wanted = [fine, middle, coarse, ...(this.positions ? [] : [positions])];
    const answer = await session.run(
      { pixel_values: toNchw(squashed, this.input, type as FloatType) },
      wanted,
      { outputs: [FRESH] },
    );
    this.positions ??= turned(floatsOf(answer[positions]), channels, grid * grid);
    const found = valuesOf(answer[coarse]);
    return {
      fine: valuesOf(answer[fine]),
      middle: valuesOf(answer[middle]),
      coarse: found,
      fresh: answer[FRESH] ? valuesOf(answer[FRESH]) : this.withoutMemory(found),
    };
  }

  async attend({ coarse }: FrameFeatures, bank: MemoryBank): Promise<Values> {
    const { names, grid, channels } = this.contract;
    const { memory_attention: session } = this.graphs;
    const { features, positions, answer: name } = names.attention;
    const cells = [grid * grid, 1, channels];
    const feeds = {
      [features]: given(this.in(session, features), turned(coarse.data, channels, grid * grid), cells),
      [positions]: this.lent(session, positions, { data: this.positions!, dims: cells }),
    };
    const { fed, optional } = await this.bankFeeds(cutBank(bank, this.contract));
    const answer = (await session.run({ ...feeds, ...fed }, [name], { feeds: optional }))[name];
    const values = floatsOf(answer);
    // A bank that grows comes with an answer cell by cell.
    const data = this.contract.bank === 'fixed' ? values : turned(values, grid * grid, channels);
    return { data, dims: coarse.dims };
  }

  async decode(
    { fine, middle }: FrameFeatures,
    seen: Values,
    points: Parameters<TrackingNetwork['decode']>[2],
  ): Promise<DecodedMask> {
    const { id, names, channels } = this.contract;
    const { mask_decoder: session } = this.graphs;
    const { features, low, full, iou, score, pointer } = names.decoder;
    // What the network was trained with in the place of no point at all.
    const asked = points.length ? points : [{ x: 0, y: 0, label: -1 }];
    const scales = [fine, middle, seen];
    const feeds = {
      ...Object.fromEntries(features.map((name, i) => [name, this.lent(session, name, scales[i])])),
      input_points: this.lent(session, 'input_points', {
        data: Float32Array.from(asked.flatMap(({ x, y }) => [x, y])),
        dims: [1, 1, asked.length, 2],
      }),
      input_labels: numberTensor(
        id,
        this.in(session, 'input_labels'),
        asked.map(({ label }) => label),
        [1, 1, asked.length],
      ),
    };
    const answer = await session.run(feeds, [low, full, iou, score, pointer]);
    const [masks, ious, vectors] = [answer[low], answer[iou], answer[pointer]].map(valuesOf);
    const side = masks.dims.at(-1)!;
    const best = ious.data.indexOf(Math.max(...ious.data));
    const pick = (all: Float32Array, size: number) =>
      all.slice(size * Math.min(best, all.length / size - 1)).slice(0, size);
    const logits = pick(masks.data, side * side);
    finite(id, logits);
    return {
      logits,
      side,
      full: pick(floatsOf(answer[full]), this.size * this.size),
      iou: ious.data[best],
      score: floatsOf(answer[score])[0],
      pointer: pick(vectors.data, channels),
    };
  }

  async remember({ coarse }: FrameFeatures, mask: DecodedMask, prompted: boolean): Promise<FrameMemory> {
    const { names } = this.contract;
    const { memory_encoder: session } = this.graphs;
    const { features, score, prompted: flag, tokens, positions } = names.encoder;
    const feeds: Record<string, Tensor> = {
      [features]: this.lent(session, features, coarse),
      [names.encoder.mask]: this.lent(session, names.encoder.mask, {
        data: mask.full,
        dims: [1, 1, this.size, this.size],
      }),
      [flag]: flagTensor(this.contract.id, this.in(session, flag), prompted),
    };
    // EdgeTAM's memory does not ask whether the object is there.
    const asks = session.inputs.find(({ name }) => name === score);
    if (asks)
      feeds[score] = given(
        asks,
        Float32Array.of(mask.score),
        asks.shape.map(() => 1),
      );
    const wanted = [tokens, ...(this.spatial ? [] : [positions])];
    const answer = await session.run(feeds, wanted);
    this.spatial ??= floatsOf(answer[positions]);
    return { tokens: toBfloat16(floatsOf(answer[tokens])) };
  }

  /** A bank as the attention's inputs; `optional` where the graph knows the name. */
  private async bankFeeds(bank: MemoryBank): Promise<Record<'fed' | 'optional', Record<string, Tensor>>> {
    const { contract, constants } = this;
    const { memory_attention: session } = this.graphs;
    const { memoryChannels: width } = contract;
    const places = { spatial: this.spatial!, temporal: constants.memory_temporal_positional_encoding };
    const spatial = spatialRows(bank, places);
    const pointers = pointerRows(bank, await this.times(bank), width);
    const fed = (name: string, values: Float32Array) =>
      given(this.in(session, name), values, [values.length / width, 1, width]);
    if (contract.bank === 'dynamic') {
      const { spatial: at, spatialPositions, pointers: vectors, pointerPositions } = BANK.dynamic;
      return {
        fed: {
          [at]: fed(at, spatial.values),
          [spatialPositions]: fed(spatialPositions, spatial.positions),
          [vectors]: fed(vectors, pointers.values),
          [pointerPositions]: fed(pointerPositions, pointers.positions),
        },
        optional: {},
      };
    }
    const { memory, positions } = BANK.fixed;
    const all = fixedRows(spatial, pointers, contract);
    return {
      fed: { [memory]: fed(memory, all.values), [positions]: fed(positions, all.positions) },
      optional: { [MEMORY_MASK]: { type: 'float32', data: all.mask, dims: [all.mask.length] } },
    };
  }

  /** Positions of a bank's pointers: [pointers, channels of a memory]. */
  private async times({ pointers, span }: MemoryBank): Promise<Float32Array> {
    const { memoryChannels: width, pointers: most } = this.contract;
    const { pointer_tpos: session } = this.graphs;
    const distances = pointers.map(({ distance }) => distance / span);
    if (session) {
      const info = this.in(session, 'normalized_diffs');
      // The graph may have one number of pointers only.
      const count = typeof info.shape[0] === 'number' ? most : distances.length;
      const data = Float32Array.from({ length: count }, (_, i) => distances[i] ?? 0);
      const { pointer_pos } = await session.run({ normalized_diffs: given(info, data, [count]) }, [
        'pointer_pos',
      ]);
      return floatsOf(pointer_pos);
    }
    const { temporal_positional_encoding_projection_layer: layer } = this.constants;
    return layer ? embedDistances(distances, layer) : new Float32Array(distances.length * width);
  }

  private withoutMemory({ data, dims }: Values): Values {
    const embedding = this.constants.no_memory_embedding!;
    const cells = data.length / embedding.length;
    return { data: data.map((value, i) => value + embedding[Math.floor(i / cells)]), dims };
  }

  private in(session: Session, name: string): TensorInfo {
    return named(this.contract.id, 'input', session.inputs, name);
  }

  /** A copy: the run may keep what it is fed with. */
  private lent(session: Session, name: string, { data, dims }: Values): Tensor {
    return floatTensor(data, dims, this.in(session, name).type as FloatType);
  }
}

/** Numbers that are not needed afterwards. */
function given({ type }: TensorInfo, data: Float32Array, dims: readonly number[]): Tensor {
  return type === 'float16' ? floatTensor(data, dims, type) : { type: 'float32', data, dims };
}

function valuesOf(answer: Tensor): Values {
  return { data: floatsOf(answer), dims: answer.dims };
}

/** Exports have it as a number or as a truth value. */
function flagTensor(id: string, info: TensorInfo, flag: boolean): Tensor {
  const dims = info.shape.length ? [1] : [];
  if (info.type === 'bool') return { type: 'bool', data: Uint8Array.of(Number(flag)), dims };
  return numberTensor(id, info, [Number(flag)], dims);
}

function finite(id: string, values: Float32Array): void {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw misfit(id, `answers with ${wrong} where finite numbers are expected`);
}
