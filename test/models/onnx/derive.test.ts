import { copyFileSync, chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutForCpu, derive } from '../../../lib/models/onnx';
import { spareBlocks } from '../../../lib/models/onnx/blocks';
import { cutToFloat32 } from '../../../lib/models/onnx/edit';
import { GRAPH, MODEL, NODE, TENSOR, namesOfNode, numbersOf, textOf } from '../../../lib/models/onnx/fields';
import { bytesField, fieldsOf, packedVarints, varintField } from '../../../lib/models/onnx/protobuf';
import { toHalf } from '../../../lib/runtime';
import { findModel, loadRegistry, type NetworkEntry } from '../../../lib/models';
import { graphsFor } from '../../../lib/models/variants';
import { openGraph } from '../../runtime/support';
import { entry, graph, modelsFolder, removeFolders } from '../support';

afterAll(removeFolders);

function copyOf(name: string): string {
  const file = join(modelsFolder(), 'net.onnx');
  copyFileSync(graph(name), file);
  return file;
}

/** What a graph answers to the same ramp, and the names and types of its ends. */
async function ask(modelFile: string, output: string) {
  const { session } = await openGraph({ modelFile, device: 'cpu', threads: 1 });
  try {
    const [{ name, type, shape }] = session.inputs;
    const dims = shape.map((size) => (typeof size === 'number' ? size : 1));
    const ramp = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i % 97) / 97);
    const data = type === 'float16' ? toHalf(ramp) : ramp;
    const answers = await session.run({ [name]: { type, data, dims } }, [output]);
    return { answer: answers[output], inputs: session.inputs, outputs: session.outputs };
  } finally {
    await session.release();
  }
}

describe('a copy for the CPU', () => {
  test('answers one output, the same numbers, and is smaller for what was dropped', async () => {
    const original = copyOf('contract-isnet');
    const { file, warnings } = await derive(original, cutForCpu('output'));
    expect(warnings).toEqual([]);
    expect(file).toBe(original.replace('.onnx', '.cpu.onnx'));
    const before = await ask(original, 'output');
    const after = await ask(file, 'output');
    expect(before.outputs).toHaveLength(12);
    expect(after.outputs).toEqual([before.outputs[0]]);
    expect(after.answer).toEqual(before.answer);
    expect(statSync(file).size).toBeLessThan(statSync(original).size / 3);
  });

  test('turns float16 inputs, weights, casts and outputs into float32', async () => {
    const original = copyOf('contract-birefnet-cuda');
    const { file } = await derive(original, cutForCpu(0));
    const { answer, inputs, outputs } = await ask(file, 'ALPHA');
    expect([inputs[0].type, outputs[0].type, answer.type]).toEqual(['float32', 'float32', 'float32']);
    const halves = await ask(original, 'ALPHA');
    expect(halves.answer.type).toBe('float16');
  });

  test('keeps what is there, and is made anew when the original changes', async () => {
    const original = copyOf('contract-u2net');
    const { file } = await derive(original, cutForCpu(0));
    const first = statSync(file).mtimeMs;
    await derive(original, cutForCpu(0));
    expect(statSync(file).mtimeMs).toBe(first);
    expect(readdirSync(join(file, '..'))).toHaveLength(2);
    copyFileSync(graph('contract-ormbg'), original);
    await derive(original, cutForCpu(0));
    expect((await ask(file, 'output')).outputs).toHaveLength(1);
  });

  test('another output is another copy', async () => {
    const original = copyOf('outputs');
    await ask((await derive(original, cutForCpu('d0'))).file, 'd0');
    const { outputs } = await ask((await derive(original, cutForCpu('flat'))).file, 'flat');
    expect(outputs.map(({ name }) => name)).toEqual(['flat']);
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? test.skip : test)(
    `in a folder that cannot be written the original is used, with a warning${asRoot ? ' (skipped: root may write anywhere)' : ''}`,
    async () => {
      const original = copyOf('outputs');
      chmodSync(join(original, '..'), 0o500);
      const { file, warnings } = await derive(original, cutForCpu('d0'));
      chmodSync(join(original, '..'), 0o700);
      expect(file).toBe(original);
      expect(warnings).toEqual([expect.stringMatching(/could not be written .*EACCES.*original was used/)]);
    },
  );

  test('is what an entry with derive gets on the CPU, and on no other device', async () => {
    const file = copyOf('contract-isnet');
    const folder = modelsFolder([
      entry('logits', { id: 'mine', derive: true, files: [{ sources: [`file:${file}`] }], output: {} }),
    ]);
    const registry = await loadRegistry(folder);
    const network = findModel(registry, 'mine') as NetworkEntry;
    expect((await graphsFor(registry, network, 'cpu')).graph.modelFile).toBe(
      file.replace('.onnx', '.cpu.onnx'),
    );
    expect((await graphsFor(registry, network, 'cuda')).graph.modelFile).toBe(file);
  });
});

/** Operators of a graph, and the shapes of its weights. */
function inside(model: Buffer) {
  const [graphField] = [...fieldsOf(model)].filter(({ number }) => number === MODEL.graph);
  const fields = [...fieldsOf(graphField.bytes)];
  const of = (kind: number) => fields.filter(({ number }) => number === kind).map(({ bytes }) => bytes);
  return {
    nodes: of(GRAPH.node),
    weights: of(GRAPH.initializer),
    operators: of(GRAPH.node).map((node) => textOf(node, NODE.type)),
    shapes: of(GRAPH.initializer).map((tensor) => numbersOf(tensor, TENSOR.dims).join(' x ')),
  };
}

describe('convolutions without detours', () => {
  const original = graph('decoder');

  test.each(['alpha', 'uneven', 'kept'])('give the same %s', async (output) => {
    const { file } = await derive(copyOf('decoder'), cutForCpu(output));
    const before = (await ask(original, output)).answer;
    const after = (await ask(file, output)).answer;
    expect(after.dims).toEqual(before.dims);
    const values = after.data as Float32Array;
    const off = (before.data as Float32Array).map((value, i) => Math.abs(value - values[i]));
    expect(Math.max(...off)).toBeLessThan(1e-5);
  });

  test.each([
    ['alpha', '9 x 16 x 1 x 1'],
    ['uneven', '15 x 16 x 1 x 1'],
  ])('%s: joined tensors are never written, one channel comes from its taps', async (output, taps) => {
    const { file } = await derive(copyOf('decoder'), cutForCpu(output));
    const { operators, shapes } = inside(readFileSync(file));
    expect(operators).not.toContain('Concat');
    expect(operators.filter((type) => type === 'Add')).toHaveLength(3);
    expect(shapes).toContain(taps);
    expect(shapes.filter((shape) => /^16 x (32|16) x 3 x 3$/.test(shape))).toHaveLength(5);
    expect(shapes.some((shape) => /^1 x 16|x 48 x/.test(shape))).toBe(false);
  });

  test('what others read as well stays joined', async () => {
    const { file } = await derive(copyOf('decoder'), cutForCpu('kept'));
    expect(inside(readFileSync(file)).operators).toEqual([
      'Conv',
      'Relu',
      'Concat',
      'Conv',
      'ReduceMean',
      'Add',
    ]);
  });

  test('graphs of old operators are left alone', () => {
    const parts = inside(readFileSync(original));
    expect(spareBlocks(parts, 'alpha', 10)).toBe(parts);
  });
});

describe('convolutions of unusual graphs', () => {
  const text = (number: number, value: string) => bytesField(number, Buffer.from(value));
  const node = (type: string, inputs: string[], output: string, axis?: number) =>
    Buffer.concat([
      ...inputs.map((name) => text(NODE.input, name)),
      text(NODE.output, output),
      text(NODE.type, type),
      ...(axis === undefined
        ? []
        : [bytesField(NODE.attribute, Buffer.concat([text(1, 'axis'), varintField(3, axis)]))]),
    ]);
  const filter = (name: string, ...dims: number[]) =>
    Buffer.concat([
      ...dims.map((size) => varintField(TENSOR.dims, size)),
      varintField(TENSOR.dataType, 1),
      text(TENSOR.name, name),
      bytesField(TENSOR.raw, Buffer.alloc(dims.reduce((a, b) => a * b, 4))),
    ]);
  const ends = [node('Conv', ['x', 'a'], 'ca'), node('Conv', ['x', 'b'], 'cb')];
  const weights = [filter('a', 16, 3, 1, 1), filter('b', 32, 3, 1, 1)];
  const spare = (nodes: Buffer[], ...more: Buffer[]) => {
    const made = spareBlocks({ nodes: [...ends, ...nodes], weights: [...weights, ...more] }, 'y', 13);
    return {
      nodes: made.nodes.map((bytes) => ({ type: textOf(bytes, NODE.type), ...namesOfNode(bytes) })),
      names: made.weights.map((bytes) => textOf(bytes, TENSOR.name)),
      shapes: new Map(
        made.weights.map((bytes) => [textOf(bytes, TENSOR.name), numbersOf(bytes, TENSOR.dims)]),
      ),
    };
  };

  test('a filter of two convolutions is cut for each in its own way', () => {
    const { nodes, shapes } = spare(
      [
        node('Concat', ['ca', 'cb'], 'one', 1),
        node('Concat', ['cb', 'ca'], 'two', 1),
        node('Conv', ['one', 'w'], 'p'),
        node('Conv', ['two', 'w'], 'q'),
        node('Sub', ['p', 'q'], 'y'),
      ],
      filter('w', 8, 48, 3, 3),
    );
    const parts = nodes.filter(({ reads }) => /^c[ab]$/.test(reads[0]) && reads.length === 2);
    const cut = parts
      .filter(({ type }) => type === 'Conv')
      .map(({ reads }) => [reads[0], shapes.get(reads[1])?.[1]]);
    expect(cut).toEqual([
      ['ca', 16],
      ['cb', 32],
      ['cb', 32],
      ['ca', 16],
    ]);
  });

  test('a Concat of one tensor keeps its result', () => {
    const { nodes } = spare(
      [node('Concat', ['ca'], 'c', 1), node('Conv', ['c', 'w'], 'y')],
      filter('w', 8, 16, 3, 3),
    );
    expect(nodes.at(-1)!.outputs).toEqual(['y']);
  });

  test('a bias without a name is none: onnxruntime ends with the process on a Sum of it', () => {
    const { nodes } = spare([node('Conv', ['cb', 'w', ''], 'y')], filter('w', 1, 32, 3, 3));
    expect(nodes.at(-1)).toMatchObject({ type: 'Sum', outputs: ['y'] });
    expect(nodes.at(-1)!.reads).not.toContain('');
  });

  test('a linear Resize by the coordinates of PyTorch takes those of the standard, another stays as it is', () => {
    const attribute = (name: string, value: string) =>
      bytesField(NODE.attribute, Buffer.concat([text(1, name), text(4, value), varintField(20, 3)]));
    const resize = (mode: string, input: string, output: string, coordinates: string) =>
      Buffer.concat([
        node('Resize', [input, '', 'scales'], output),
        attribute('coordinate_transformation_mode', coordinates),
        attribute('mode', mode),
      ]);
    const made = (mode: string, coordinates: string) =>
      spareBlocks({ nodes: [resize(mode, 'x', 'y', coordinates)], weights: [] }, 'y', 11).nodes[0];
    const texts = (bytes: Buffer) =>
      [...fieldsOf(bytes)]
        .filter(({ number }) => number === NODE.attribute)
        .map((field) => [textOf(field.bytes, 1), textOf(field.bytes, 4)]);

    const linear = made('linear', 'pytorch_half_pixel');
    expect(texts(linear)).toEqual([
      ['coordinate_transformation_mode', 'half_pixel'],
      ['mode', 'linear'],
    ]);
    expect(namesOfNode(linear)).toEqual({ reads: ['x', '', 'scales'], outputs: ['y'] });
    for (const [mode, coordinates] of [
      ['nearest', 'pytorch_half_pixel'],
      ['linear', 'align_corners'],
    ])
      expect(made(mode, coordinates)).toEqual(resize(mode, 'x', 'y', coordinates));
  });

  test('names that the graph has already are not taken twice', () => {
    const { nodes, names } = spare(
      [node('Conv', ['x', 'w/taps'], 'y/taps'), node('Conv', ['y/taps', 'w'], 'y')],
      filter('w', 1, 32, 3, 3),
      filter('w/taps', 32, 3, 1, 1),
    );
    const all = [...names, ...nodes.flatMap(({ outputs }) => outputs)];
    expect(new Set(all).size).toBe(all.length);
    expect(nodes.filter(({ outputs }) => outputs[0] === 'y')).toHaveLength(1);
  });

  test('a value that many paths lead to is looked at once', () => {
    const sums = Array.from({ length: 60 }, (_, i) =>
      node('Add', [i ? `s${i}` : 'ca', i ? `s${i}` : 'ca'], `s${i + 1}`),
    );
    const { nodes } = spare(
      [...sums, node('Concat', ['s60', 'cb'], 'c', 1), node('Conv', ['c', 'w'], 'y')],
      filter('w', 8, 48, 3, 3),
    );
    expect(nodes.map(({ type }) => type)).not.toContain('Concat');
  });
});

describe('editing', () => {
  const model = readFileSync(graph('outputs'));

  test('a graph without the wanted output, or with functions, is left alone', () => {
    expect(cutToFloat32(model, 'none')).toBeUndefined();
    expect(cutToFloat32(model, 9)).toBeUndefined();
    expect(cutToFloat32(Buffer.concat([model, bytesField(25, Buffer.from([]))]), 0)).toBeUndefined();
  });

  test('weights in another file are left alone', () => {
    const tensor = Buffer.concat([varintField(2, 10), bytesField(8, Buffer.from('w')), varintField(14, 1)]);
    const info = bytesField(12, bytesField(1, Buffer.from('w')));
    expect(cutToFloat32(bytesField(7, Buffer.concat([bytesField(5, tensor), info])), 0)).toBeUndefined();
  });

  test('float16 numbers kept as integers are read as well', () => {
    const values = bytesField(5, Buffer.from([0x80, 0x78, 0x80, 0x80, 0x03]));
    const tensor = Buffer.concat([
      varintField(1, 2),
      varintField(2, 10),
      values,
      bytesField(8, Buffer.from('w')),
    ]);
    const info = bytesField(12, bytesField(1, Buffer.from('w')));
    const parts = cutToFloat32(bytesField(7, Buffer.concat([bytesField(5, tensor), info])), 0)!;
    const bytes = Buffer.concat(parts.map((part) => part.make()));
    expect(bytes).toHaveLength(parts.reduce((sum, { length }) => sum + length, 0));
    const [made] = [...fieldsOf([...fieldsOf(bytes)][0].bytes)];
    const raw = [...fieldsOf(made.bytes)].find(({ number }) => number === 9)!;
    expect([...new Float32Array(new Uint8Array(raw.bytes).buffer)]).toEqual([1, -2]);
  });

  test('a file that is cut off is a RangeError', () => {
    expect(() => cutToFloat32(model.subarray(0, model.length - 5), 0)).toThrow(RangeError);
  });

  test('numbers of any size go there and back', () => {
    for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 40 + 5]) {
      const [field] = [...fieldsOf(varintField(3, value))];
      expect([field.number, field.value]).toEqual([3, value]);
    }
    expect(packedVarints(Buffer.from([1, 0x96, 0x01, 0]))).toEqual([1, 150, 0]);
  });
});

test('a file that is no model is left to onnxruntime to judge', async () => {
  const file = join(modelsFolder(), 'net.onnx');
  writeFileSync(file, 'not a graph');
  expect(await derive(file, cutForCpu(0))).toEqual({ file, warnings: [] });
});
