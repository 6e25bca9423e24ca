import type { Session, TensorInfo } from '../../../runtime';
import { checkShape, misfit, named } from '../tensors';
import type { Constants } from './constants';
import { BANK, EXPORTS, type BankForm, type Names } from './exports';

/** Pixels of the input a side that one cell of the coarsest features stands for. */
const CELL = 16;
/** Pointers that the network was trained with, where no graph says it. */
const POINTERS = 16;

export type Graphs = Record<
  'vision_encoder' | 'mask_decoder' | 'memory_attention' | 'memory_encoder',
  Session
> &
  Partial<Record<'pointer_tpos', Session>>;

/** What the graphs of an entry agree on. */
export interface Contract {
  id: string;
  bank: BankForm;
  names: Names;
  /** Pixels of a side of the input. */
  size: number;
  /** Cells of a side of the coarsest features. */
  grid: number;
  /** Of the coarsest features, and numbers of a pointer. */
  channels: number;
  /** Of a memory; a pointer is cut to rows of this many numbers. */
  memoryChannels: number;
  /** Rows of the memory of one frame. */
  tokens: number;
  /** Frames that a bank of one size holds; undefined: any number. */
  slots?: number;
  pointers: number;
}

interface Asked {
  id: string;
  bank: BankForm;
  size: number;
}

/**
 * Looks at every graph's inputs and outputs.
 * @throws VitrineError INVALID_MODEL where they do not fit each other or the entry
 */
export function readContract({ id, bank, size }: Asked, graphs: Graphs, constants: Constants): Contract {
  const names = EXPORTS[bank];
  const { vision_encoder: vision, mask_decoder: decoder, memory_attention, memory_encoder } = graphs;
  const input = (session: Session, name: string) => named(id, 'input', session.inputs, name);
  const output = (session: Session, name: string) => named(id, 'output', session.outputs, name);
  const known = ({ name, shape }: TensorInfo, axis: number): number => {
    const found = shape.at(axis);
    if (typeof found === 'number') return found;
    throw misfit(id, `leaves open how large ${name} is ([${shape.join(', ')}])`);
  };
  if (size % CELL)
    throw misfit(id, `cannot have an input of ${size} pixels, which is no multiple of ${CELL}`);
  const grid = size / CELL;
  const square = (side: number, channels?: number) => [1, channels, side, side];

  const coarse = input(decoder, names.decoder.features[2]);
  const channels = known(coarse, 1);
  checkShape(id, input(vision, 'pixel_values'), [square(size, 3)]);
  const scales = [square(4 * grid), square(2 * grid), square(grid, channels)];
  const { fine, middle } = names.vision;
  [fine, middle, names.vision.coarse].forEach((name, i) => {
    checkShape(id, output(vision, name), [scales[i]]);
    checkShape(id, input(decoder, names.decoder.features[i]), [scales[i]]);
  });
  checkShape(id, output(vision, names.vision.positions), [square(grid, channels)]);
  checkShape(id, input(decoder, 'input_points'), [[1, 1, undefined, 2]]);
  input(decoder, 'input_labels');
  for (const name of [names.decoder.low, names.decoder.full, names.decoder.iou, names.decoder.score])
    output(decoder, name);
  checkShape(id, output(decoder, names.decoder.pointer), [
    [1, undefined, channels],
    [1, 1, undefined, channels],
  ]);

  checkShape(id, input(memory_encoder, names.encoder.features), [square(grid, channels)]);
  checkShape(id, input(memory_encoder, names.encoder.mask), [square(size, 1)]);
  input(memory_encoder, names.encoder.prompted);
  const memory = output(memory_encoder, names.encoder.tokens);
  const [tokens, memoryChannels] = [known(memory, 0), known(memory, 2)];
  checkShape(id, output(memory_encoder, names.encoder.positions), [[tokens, 1, memoryChannels]]);
  if (channels % memoryChannels)
    throw misfit(id, `has pointers of ${channels} numbers, which are no rows of ${memoryChannels}`);

  for (const name of [names.attention.features, names.attention.positions])
    checkShape(id, input(memory_attention, name), [[grid * grid, 1, channels]]);
  for (const name of Object.values(BANK[bank]))
    checkShape(id, input(memory_attention, name), [[undefined, 1, memoryChannels]]);
  output(memory_attention, names.attention.answer);

  const pointers = pointersOf(id, graphs, memoryChannels);
  const found = { id, bank, names, size, grid, channels, memoryChannels, tokens, pointers };
  checkConstants(found, graphs, constants);
  if (bank === 'dynamic') return found;
  const rows = known(input(memory_attention, BANK.fixed.memory), 0);
  const slots = (rows - (pointers * channels) / memoryChannels) / tokens;
  if (Number.isInteger(slots) && slots > 1) return { ...found, slots };
  throw misfit(
    id,
    `has a memory of ${rows} rows, which is not several frames of ${tokens} and ${pointers} pointers`,
  );
}

function pointersOf(id: string, { pointer_tpos: graph }: Graphs, memoryChannels: number): number {
  if (!graph) return POINTERS;
  const distances = named(id, 'input', graph.inputs, 'normalized_diffs');
  checkShape(id, distances, [[undefined]]);
  checkShape(id, named(id, 'output', graph.outputs, 'pointer_pos'), [[undefined, memoryChannels]]);
  return typeof distances.shape[0] === 'number' ? distances.shape[0] : POINTERS;
}

/** What no graph does must be among the constants, in the sizes of the graphs. */
function checkConstants(
  { id, channels, memoryChannels }: Pick<Contract, 'id' | 'channels' | 'memoryChannels'>,
  { vision_encoder: vision, pointer_tpos }: Graphs,
  constants: Constants,
): void {
  const wanted = (name: keyof Constants, what: string) =>
    misfit(id, `needs ${what} as ${name} of its constants.json`);
  if (constants.memory_temporal_positional_encoding.some(({ length }) => length !== memoryChannels))
    throw wanted('memory_temporal_positional_encoding', `rows of ${memoryChannels} numbers`);
  const hasFresh = vision.outputNames.includes(FRESH);
  if (!hasFresh && constants.no_memory_embedding?.length !== channels)
    throw wanted('no_memory_embedding', `${channels} numbers`);
  if (pointer_tpos || !constants.enable_temporal_pos_encoding_for_object_pointers) return;
  const layer = constants.temporal_positional_encoding_projection_layer;
  const fits =
    layer?.bias.length === memoryChannels &&
    layer.weight.length === memoryChannels &&
    layer.weight.every(({ length }) => length === channels);
  if (!fits)
    throw wanted(
      'temporal_positional_encoding_projection_layer',
      `a weight of ${memoryChannels} rows of ${channels} and a bias of ${memoryChannels} numbers (or a graph pointer_tpos)`,
    );
}

/** The output for frames that are looked at without memory, where the encoder has one. */
export const FRESH = 'feats2_no_mem';
