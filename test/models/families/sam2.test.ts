import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBfloat16, putBfloat16 } from '../../../lib/models/families/sam2/bfloat16';
import { cutBank, fixedRows, pointerRows, spatialRows } from '../../../lib/models/families/sam2/bank';
import type { Contract } from '../../../lib/models/families/sam2/contract';
import type { MemoryBank } from '../../../lib/models';
import { distance } from '../../diffusion/support';
import { fixtures, modelsFolder, removeFolders } from '../support';
import { clip, dispose, openTracker, sam2, track } from '../../tracking/support';

afterAll(async () => {
  await dispose();
  removeFolders();
});

type File = { role?: string; sources: string[] };
const filesOf = (bank: 'fixed' | 'dynamic') => sam2(bank).files as File[];

/** An entry in which one role has the file of another. */
function swapped(bank: 'fixed' | 'dynamic', role: string, by: string): object {
  const files = filesOf(bank);
  const other = files.find((file) => file.role === by)!;
  return sam2(bank, { files: files.map((file) => (file.role === role ? { ...other, role } : file)) });
}

/** An entry whose constants are changed. */
function withConstants(
  bank: 'fixed' | 'dynamic',
  change: (constants: Record<string, unknown>) => unknown,
): object {
  const file = join(modelsFolder(), 'constants.json');
  const own = join(fixtures, 'tiny-sam2', bank === 'fixed' ? 'constants.json' : 'dynamic_constants.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(own, 'utf8')))));
  const files = filesOf(bank).map((each) =>
    each.role === 'constants' ? { ...each, sources: [`file:${file}`] } : each,
  );
  return sam2(bank, { files });
}

describe('graphs that do not fit', () => {
  test.each<[string, () => object, RegExp]>([
    ['one export as the other', () => ({ ...sam2('fixed'), bank: 'dynamic' }), /has no input feats2, only/],
    ['the other way round', () => ({ ...sam2('dynamic'), bank: 'fixed' }), /has no input feats2_cond/],
    [
      'another size',
      () => ({ ...sam2('fixed'), input: { ...(sam2('fixed').input as object), size: 256 } }),
      /pixel_values as float32 \[1, 3, 128, 128\] where float32 \[1, 3, 256, 256\]/,
    ],
    [
      'a size of no cells',
      () => ({ ...sam2('fixed'), input: { ...(sam2('fixed').input as object), size: 120 } }),
      /no multiple of 16/,
    ],
    ['roles mixed up', () => swapped('fixed', 'memory_encoder', 'mask_decoder'), /has no input feats2,/],
    [
      'an encoder that is none',
      () => swapped('fixed', 'vision_encoder', 'memory_encoder'),
      /has no input pixel_values/,
    ],
    [
      'no place in time for a memory',
      () => withConstants('fixed', (own) => ({ ...own, memory_temporal_positional_encoding: [[1], [2]] })),
      /rows of 64 numbers as memory_temporal_positional_encoding/,
    ],
    [
      'no embedding for a frame without memory',
      () => withConstants('dynamic', (own) => ({ ...own, no_memory_embedding: undefined })),
      /128 numbers as no_memory_embedding/,
    ],
    [
      'nothing for the distances of pointers',
      () =>
        withConstants('dynamic', (own) => ({
          ...own,
          temporal_positional_encoding_projection_layer: undefined,
        })),
      /a weight of 64 rows of 128/,
    ],
    ['no constants', () => withConstants('fixed', () => []), /does not hold the constants of SAM 2/],
  ])('%s', async (_, entry, message) => {
    await expect(openTracker(entry())).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(message),
    });
  });

  test('an entry without a role is named', async () => {
    const files = filesOf('fixed').filter(({ role }) => role !== 'memory_attention');
    await expect(openTracker(sam2('fixed', { files }))).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(
        /vision_encoder, mask_decoder, memory_attention, memory_encoder, constants/,
      ),
    });
  });
});

test('EdgeTAM tells its pointers no distance, and asks for nothing about it', async () => {
  const entry = withConstants('dynamic', (own) => ({
    ...own,
    temporal_positional_encoding_projection_layer: undefined,
    enable_temporal_pos_encoding_for_object_pointers: false,
  }));
  const found = await track(await openTracker(entry), clip(3), [
    { frame: 0, points: [{ x: 20, y: 64, label: 1 }] },
  ]);
  expect(found).toHaveLength(3);
});

test('a bank of one size is looked at as one that grows, from the first frame on', async () => {
  const prompt = [{ frame: 0, points: [{ x: 20, y: 64, label: 1 as const }] }];
  const [fixed, grown] = await Promise.all(
    (['fixed', 'dynamic'] as const).map(async (bank) =>
      track(await openTracker(sam2(bank)), clip(2), prompt),
    ),
  );
  const [own, other] = [fixed, grown].map(([, { objects }]) => objects[0].logits.data);
  expect(distance(own, other)).toBeLessThan(1e-3);
});

describe('bfloat16', () => {
  test('rounds to the nearest, to even in the middle, as PyTorch', () => {
    const values = Float32Array.of(
      1,
      -2.5,
      1 + 2 ** -8,
      1 + 3 * 2 ** -8,
      1 + 2 ** -8 + 2 ** -20,
      3.14159265,
      -1024,
    );
    const back = new Float32Array(values.length + 1);
    putBfloat16(toBfloat16(values), back, 1);
    expect([...back]).toEqual([0, 1, -2.5, 1, 1 + 2 ** -6, 1 + 2 ** -7, 3.140625, -1024]);
  });
});

describe('a bank', () => {
  const memory = (value: number) => ({ tokens: toBfloat16(new Float32Array(4).fill(value)) });
  const places = {
    spatial: Float32Array.of(0, 0, 10, 10),
    temporal: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  };
  const contract = { slots: 3, tokens: 2, pointers: 3, channels: 4, memoryChannels: 2 } as Contract;
  const bank: MemoryBank = {
    memories: [{ memory: memory(1) }, { memory: memory(2), age: 2 }, { memory: memory(3), age: 1 }],
    pointers: [
      { pointer: Float32Array.of(1, 2, 3, 4), distance: 5 },
      { pointer: Float32Array.of(5, 6, 7, 8), distance: 1 },
    ],
    span: 15,
  };

  test('adds the place in time to that in the frame: the last row for a prompt, else by age', () => {
    expect([...spatialRows(bank, places).positions]).toEqual([5, 6, 15, 16, 3, 4, 13, 14, 1, 2, 11, 12]);
    expect([...spatialRows(bank, places).values]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
  });

  test('cuts pointers to rows, all of a pointer at its place', () => {
    const rows = pointerRows(bank, Float32Array.of(0.1, 0.2, 0.3, 0.4), 2);
    expect([...rows.values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...rows.positions].map((value) => Math.round(value * 10))).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  });

  test('of one size marks its empty rows, which repeat the others', () => {
    const few = { ...bank, memories: bank.memories.slice(0, 1) };
    const rows = fixedRows(spatialRows(few, places), pointerRows(bank, new Float32Array(4), 2), contract);
    const isEmpty = [...rows.mask].map((value) => value !== 0);
    expect(isEmpty).toEqual([false, false, true, true, true, true, false, false, false, false, true, true]);
    expect([...rows.values]).toEqual([...Array(12).fill(1), 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4]);
  });

  test('that is too small keeps the prompts and the nearest', () => {
    const { memories, pointers } = cutBank(bank, { ...contract, slots: 2, pointers: 1 });
    expect(memories.map(({ age }) => age)).toEqual([undefined, 1]);
    expect(pointers).toHaveLength(1);
  });
});
