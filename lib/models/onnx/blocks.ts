import { ATTRIBUTE, DATA_TYPE, NODE, TENSOR, namesOfNode, numbersOf, textOf } from './fields';
import { bytesField, fieldsOf, varintField } from './protobuf';

/** Channels that onnxruntime's convolutions work on at once with AVX-512: fewer are padded. */
const BLOCK = 16;
/** From this version of the operators on, Pad and Slice take their numbers as inputs and Sum broadcasts. */
const MIN_OPSET = 11;
/** The attribute of a Resize that says where an output pixel lies in the input. */
const COORDINATES = 'coordinate_transformation_mode';
/** AttributeProto's number for a text. */
const STRING = 3;
const KEEPS_CHANNELS = ['Relu', 'Sigmoid', 'Cast', 'Resize', 'MaxPool', 'BatchNormalization'];

/** A graph's nodes as NodeProto messages, in the order they run, and its weights as TensorProto messages. */
export interface GraphParts {
  nodes: Buffer[];
  weights: Buffer[];
}

/** A NodeProto message, taken apart. */
export interface Node {
  type: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  reads: string[];
  /** AttributeProto messages by name. */
  attributes: Map<string, Buffer>;
  bytes: Buffer;
}

interface Filter {
  /** Outputs, inputs, height, width. */
  dims: number[];
  dataType: number;
  /** Bytes of one weight. */
  size: number;
  raw: Buffer;
}

/**
 * The same network without three detours that it makes on the CPU, where onnxruntime lays tensors out in blocks of
 * channels:
 *
 * - A convolution of joined tensors becomes one of each, added up. onnxruntime adds in place, and the joined tensor is
 *   never written.
 * - A convolution to a single channel, which is padded to a whole block together with all that follows, becomes a
 *   1 x 1 convolution to one channel for each tap, and the sum of these, each moved to where its tap looks.
 * - A linear Resize by PyTorch's coordinates, for which the blocks are undone and made again, takes the standard's. Both
 *   are the same unless a larger map shrinks to a single pixel, which no network does that draws a mask.
 *
 * ISNet takes 6 % less time; u2netp takes 15 % less processor time, and 229 MB in place of 367 MB for a process that runs
 * it. Answers change by rounding, 2e-5 at most on 38 photos.
 * @param output of the graph
 * @param opset version of the ONNX operators
 */
export function spareBlocks(graph: GraphParts, output: string, opset: number): GraphParts {
  return opset < MIN_OPSET ? graph : new Editor(graph, output).edit();
}

class Editor {
  private readonly nodes: Node[];
  private readonly weights: Map<string, Buffer>;
  private readonly makers = new Map<string, Node>();
  private readonly readers = new Map<string, number>();
  private readonly channels = new Map<string, number | undefined>();
  private readonly taken: Set<string>;

  constructor(
    graph: GraphParts,
    private readonly output: string,
  ) {
    this.nodes = graph.nodes.map(readNode);
    this.weights = new Map(graph.weights.map((bytes) => [textOf(bytes, TENSOR.name), bytes]));
    for (const node of this.nodes) {
      for (const name of node.outputs) this.makers.set(name, node);
      for (const name of node.reads) this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
    }
    this.readers.set(output, Infinity);
    this.taken = new Set([...this.weights.keys(), ...this.makers.keys(), ...this.readers.keys()]);
  }

  edit(): GraphParts {
    const nodes = this.nodes.flatMap(
      (node) => this.split(node) ?? this.narrow(node) ?? [standardResize(node)],
    );
    // What was replaced has no reader any more.
    const used = new Set([this.output, ...nodes.flatMap(({ reads }) => reads)]);
    return {
      nodes: nodes.filter(({ outputs }) => outputs.some((name) => used.has(name))).map(({ bytes }) => bytes),
      weights: [...this.weights].filter(([name]) => used.has(name)).map(([, bytes]) => bytes),
    };
  }

  /** The convolution of a Concat as convolutions of its inputs. */
  private split(conv: Node): Node[] | undefined {
    const [joined, filterName, ...bias] = conv.inputs;
    const concat = this.makers.get(joined);
    const filter = this.filterOf(conv);
    if (!filter || concat?.type !== 'Concat' || this.readers.get(joined) !== 1) return undefined;
    if (concat.inputs.length < 2) return undefined;
    const channels = concat.inputs.map((name) => this.channelsOf(name));
    const whole = channels.every((count): count is number => !!count && count % BLOCK === 0);
    if (!whole || intsOf(concat, 'axis')[0] !== 1 || intsOf(conv, 'group', [1])[0] !== 1) return undefined;
    if (channels.reduce((sum, count) => sum + count) !== filter.dims[1]) return undefined;

    const [result] = conv.outputs;
    const made: Node[] = [];
    let from = 0;
    let sum = '';
    concat.inputs.forEach((input, i) => {
      const part = this.addWeights(`${filterName}/${i}`, cutFilter(filter, from, channels[i]));
      from += channels[i];
      const answer = this.fresh(`${result}/part${i}`);
      made.push(makeNode('Conv', [input, part, ...(i ? [] : bias)], answer, [...conv.attributes.values()]));
      if (!i) sum = answer;
      else {
        const total = i === channels.length - 1 ? result : this.fresh(`${result}/sum${i}`);
        made.push(makeNode('Add', [sum, answer], total));
        sum = total;
      }
    });
    return made;
  }

  /** A convolution to one channel as a sum of its taps. */
  private narrow(conv: Node): Node[] | undefined {
    const filter = this.filterOf(conv);
    if (!filter || filter.dims.length !== 4) return undefined;
    const [outputs, inputs, height, width] = filter.dims;
    const [top, left, bottom, right] = intsOf(conv, 'pads', [0, 0, 0, 0]);
    const plain = ['strides', 'dilations', 'group'].every((name) => intsOf(conv, name).every((n) => n === 1));
    if (outputs !== 1 || inputs < BLOCK || height * width === 1 || height * width > BLOCK || !plain)
      return undefined;
    if (conv.attributes.has('auto_pad')) return undefined;

    const [result] = conv.outputs;
    const [input, filterName, bias] = conv.inputs;
    const [each, padded] = [this.fresh(`${result}/taps`), this.fresh(`${result}/padded`)];
    const taps = this.addWeights(`${filterName}/taps`, tapsOf(filter));
    const pads = this.addNumbers(`${result}/pads`, [0, 0, top, left, 0, 0, bottom, right]);
    const axes = this.addNumbers(`${result}/axes`, [1, 2, 3]);
    const made = [makeNode('Conv', [input, taps], each), makeNode('Pad', [each, pads], padded)];
    const moved = Array.from({ length: height * width }, (_, tap) => {
      const [y, x] = [Math.floor(tap / width), tap % width];
      const start = this.addNumbers(`${result}/start${tap}`, [tap, y, x]);
      const end = this.addNumbers(`${result}/end${tap}`, [tap + 1, fromEnd(y, height), fromEnd(x, width)]);
      const shifted = this.fresh(`${result}/tap${tap}`);
      made.push(makeNode('Slice', [padded, start, end, axes], shifted));
      return shifted;
    });
    // A bias that is left out may still be named, with no letters: onnxruntime's Sum crashes on it.
    return [...made, makeNode('Sum', bias ? [...moved, bias] : moved, result)];
  }

  /** The weights of a convolution, where they are constant and lie in `raw_data`. */
  private filterOf({ type, domain, inputs }: Node): Filter | undefined {
    const tensor = type === 'Conv' && !domain ? this.weights.get(inputs[1]) : undefined;
    if (!tensor) return undefined;
    const dims = numbersOf(tensor, TENSOR.dims);
    const [dataType] = numbersOf(tensor, TENSOR.dataType);
    const size = { [DATA_TYPE.float]: 4, [DATA_TYPE.float16]: 2 }[dataType];
    const raw = [...fieldsOf(tensor)].find(({ number }) => number === TENSOR.raw)?.bytes;
    if (!size || raw?.length !== dims.reduce((a, b) => a * b, size)) return undefined;
    return { dims, dataType, size, raw };
  }

  /** Found by the convolution that a value comes from, once for each value: paths to it may be without number. */
  private channelsOf(name: string): number | undefined {
    if (!this.channels.has(name)) this.channels.set(name, this.countChannels(name));
    return this.channels.get(name);
  }

  private countChannels(name: string): number | undefined {
    const maker = this.makers.get(name);
    if (!maker) return undefined;
    const from = () => maker.inputs.map((input) => this.channelsOf(input));
    if (maker.type === 'Conv') return this.filterOf(maker)?.dims[0];
    if (KEEPS_CHANNELS.includes(maker.type)) return this.channelsOf(maker.inputs[0]);
    if (maker.type === 'Add') return from().find((count) => count !== undefined);
    if (maker.type !== 'Concat') return undefined;
    return from().reduce((sum, count) =>
      sum === undefined || count === undefined ? undefined : sum + count,
    );
  }

  private addWeights(name: string, { dims, dataType, raw }: Filter): string {
    return this.add(name, dims, dataType, raw);
  }

  private addNumbers(name: string, numbers: (number | bigint)[]): string {
    const raw = Buffer.from(BigInt64Array.from(numbers.map(BigInt)).buffer);
    return this.add(name, [numbers.length], DATA_TYPE.int64, raw);
  }

  /** A filter may serve several convolutions, each of which cuts it in its own way. */
  private fresh(name: string): string {
    while (this.taken.has(name)) name += '_';
    this.taken.add(name);
    return name;
  }

  private add(wish: string, dims: number[], dataType: number, raw: Buffer): string {
    const name = this.fresh(wish);
    const tensor = Buffer.concat([
      ...dims.map((size) => varintField(TENSOR.dims, size)),
      varintField(TENSOR.dataType, dataType),
      bytesField(TENSOR.name, Buffer.from(name)),
      bytesField(TENSOR.raw, raw),
    ]);
    this.weights.set(name, tensor);
    return name;
  }
}

export function readNode(bytes: Buffer): Node {
  const fields = [...fieldsOf(bytes)];
  const attributes = fields.filter(({ number }) => number === NODE.attribute).map((field) => field.bytes);
  return {
    type: textOf(bytes, NODE.type),
    domain: textOf(bytes, NODE.domain),
    inputs: fields.filter(({ number }) => number === NODE.input).map((field) => field.bytes.toString()),
    ...namesOfNode(bytes),
    attributes: new Map(attributes.map((attribute) => [textOf(attribute, ATTRIBUTE.name), attribute])),
    bytes,
  };
}

export function makeNode(type: string, inputs: string[], output: string, attributes: Buffer[] = []): Node {
  const text = (number: number, value: string) => bytesField(number, Buffer.from(value));
  return readNode(
    Buffer.concat([
      ...inputs.map((name) => text(NODE.input, name)),
      text(NODE.output, output),
      text(NODE.name, output),
      text(NODE.type, type),
      ...attributes.map((attribute) => bytesField(NODE.attribute, attribute)),
    ]),
  );
}

/** A linear Resize by the standard's half-pixel coordinates, where it was by PyTorch's; any other node as it is. */
function standardResize(node: Node): Node {
  const { type, domain, inputs, outputs, attributes } = node;
  const says = (name: string, value: string) =>
    textOf(attributes.get(name) ?? Buffer.alloc(0), ATTRIBUTE.s) === value;
  const isPyTorch = says(COORDINATES, 'pytorch_half_pixel') && says('mode', 'linear');
  if (type !== 'Resize' || domain || !isPyTorch) return node;
  const standard = Buffer.concat([
    bytesField(ATTRIBUTE.name, Buffer.from(COORDINATES)),
    bytesField(ATTRIBUTE.s, Buffer.from('half_pixel')),
    varintField(ATTRIBUTE.type, STRING),
  ]);
  return makeNode(type, inputs, outputs[0], [...new Map(attributes).set(COORDINATES, standard).values()]);
}

/** The numbers of an attribute of type INT or INTS. */
function intsOf({ attributes }: Node, name: string, otherwise: number[] = []): number[] {
  const attribute = attributes.get(name);
  if (!attribute) return otherwise;
  return [...numbersOf(attribute, ATTRIBUTE.i), ...numbersOf(attribute, ATTRIBUTE.ints)];
}

/** Weights for `count` input channels from `first` on. */
function cutFilter({ dims, dataType, size, raw }: Filter, first: number, count: number): Filter {
  const [outputs, inputs, ...kernel] = dims;
  const channel = kernel.reduce((a, b) => a * b, size);
  const rows = Array.from({ length: outputs }, (_, output) => {
    const start = (output * inputs + first) * channel;
    return raw.subarray(start, start + count * channel);
  });
  return { dims: [outputs, count, ...kernel], dataType, size, raw: Buffer.concat(rows) };
}

/** Weights of one output channel as 1 x 1 weights with an output channel for each tap. */
function tapsOf({ dims, dataType, size, raw }: Filter): Filter {
  const [, inputs, height, width] = dims;
  const taps = height * width;
  const weights: Buffer[] = [];
  for (let tap = 0; tap < taps; tap++)
    for (let input = 0; input < inputs; input++) {
      const start = (input * taps + tap) * size;
      weights.push(raw.subarray(start, start + size));
    }
  return { dims: [taps, inputs, 1, 1], dataType, size, raw: Buffer.concat(weights) };
}

/** Where a slice ends that starts at `offset` and leaves `taps - 1` out in all: Slice counts from the end below 0. */
function fromEnd(offset: number, taps: number): number | bigint {
  return offset === taps - 1 ? 2n ** 63n - 1n : offset - (taps - 1);
}
