import { fromHalf } from '../runtime';
import { bytesField, bytesHeader, fieldsOf, packedVarints, varintField, type Field } from './protobuf';

/** Field numbers of onnx.proto (IR version 3 and later). */
const MODEL = { graph: 7, functions: 25 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparse: 15 };
const NODE = { input: 1, output: 2, type: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, i: 3, t: 5, g: 6, tensors: 10, graphs: 11 };
const TENSOR = { dataType: 2, int32: 5, name: 8, raw: 9, location: 14 };
const FLOAT = 1;
const FLOAT16 = 10;

/** Bytes whose content is made only when they are written: a gigabyte of weights never stands in memory twice. */
export interface Part {
  length: number;
  make(): Buffer;
}

interface Node {
  inputs: string[];
  outputs: string[];
  field: Field;
}

/**
 * A network that answers one output only, all in float32: what no longer leads to that output is dropped, float16
 * weights become float32 when they are written, and so do float16 inputs, outputs and casts.
 * @param output name, or place counted from 0
 * @returns the parts of the new file, in order; undefined when this editor does not understand the graph (functions,
 *   sparse or external weights), which is then best used as it is
 * @throws RangeError when the file is not a whole message
 */
export function cutToFloat32(model: Buffer, output: string | number): Part[] | undefined {
  const parts: Part[] = [];
  for (const field of fieldsOf(model)) {
    if (field.number === MODEL.functions) return undefined;
    if (field.number !== MODEL.graph) {
      parts.push(asIs(field.whole));
      continue;
    }
    const graph = editGraph(field.bytes, output);
    if (!graph) return undefined;
    const length = graph.reduce((sum, part) => sum + part.length, 0);
    parts.push(asIs(bytesHeader(MODEL.graph, length)), ...graph);
  }
  return parts;
}

function editGraph(graph: Buffer, output: string | number): Part[] | undefined {
  const fields = [...fieldsOf(graph)];
  const outputs = fields.filter(({ number }) => number === GRAPH.output);
  const wanted = outputs.find((field, i) => i === output || nameOf(field, 1) === output);
  if (!wanted || fields.some(({ number }) => number === GRAPH.sparse)) return undefined;
  const needed = ancestors(fields, nameOf(wanted, 1));

  const parts: Part[] = [];
  for (const field of fields) {
    const { number, bytes } = field;
    if (number === GRAPH.node) {
      if (needed.nodes.has(field)) parts.push(asIs(bytesField(number, floatNode(bytes))));
    } else if (number === GRAPH.initializer) {
      if (!needed.values.has(nameOf(field, TENSOR.name))) continue;
      const tensor = floatTensor(bytes);
      if (!tensor) return undefined;
      parts.push(asIs(bytesHeader(number, tensor.length)), tensor);
    } else if (number === GRAPH.input || field === wanted) {
      // Old graphs list their weights among the inputs.
      if (number !== GRAPH.input || needed.values.has(nameOf(field, 1))) {
        parts.push(asIs(bytesField(number, floatValueInfo(bytes))));
      }
    } else if (number !== GRAPH.output && number !== GRAPH.valueInfo) {
      // Shapes of inner values (valueInfo) name their old type; onnxruntime works them out anew.
      parts.push(asIs(field.whole));
    }
  }
  return parts;
}

/** Nodes and values that lead to `output`. */
function ancestors(fields: Field[], output: string): { nodes: Set<Field>; values: Set<string> } {
  const makers = new Map<string, Node>();
  for (const field of fields) {
    if (field.number !== GRAPH.node) continue;
    const node = readNode(field);
    for (const name of node.outputs) if (name) makers.set(name, node);
  }
  const values = new Set<string>();
  const nodes = new Set<Field>();
  const open = [output];
  while (open.length) {
    const name = open.pop()!;
    if (values.has(name)) continue;
    values.add(name);
    const maker = makers.get(name);
    if (!maker || nodes.has(maker.field)) continue;
    nodes.add(maker.field);
    open.push(...maker.inputs);
  }
  return { nodes, values };
}

function readNode(field: Field): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  for (const { number, bytes } of fieldsOf(field.bytes)) {
    if (number === NODE.input) inputs.push(bytes.toString());
    else if (number === NODE.output) outputs.push(bytes.toString());
    else if (number === NODE.attribute) inputs.push(...outerNames(bytes));
  }
  return { inputs, outputs, field };
}

/** Everything that the graphs inside an attribute (branches, loops) refer to; some of it may be their own. */
function outerNames(attribute: Buffer): string[] {
  const names: string[] = [];
  for (const { number, bytes } of fieldsOf(attribute)) {
    if (number !== ATTRIBUTE.g && number !== ATTRIBUTE.graphs) continue;
    for (const field of fieldsOf(bytes)) {
      if (field.number === GRAPH.node) names.push(...readNode(field).inputs);
      if (field.number === GRAPH.output) names.push(nameOf(field, 1));
    }
  }
  return names;
}

/** The node with its constants and the types it casts to in float32. */
function floatNode(node: Buffer): Buffer {
  return rewrite(node, (field) =>
    field.number === NODE.attribute ? bytesField(NODE.attribute, floatAttribute(field.bytes)) : field.whole,
  );
}

function floatAttribute(attribute: Buffer): Buffer {
  const name = nameOf({ bytes: attribute }, ATTRIBUTE.name);
  const isType = name === 'to' || name === 'dtype';
  return rewrite(attribute, ({ number, bytes, value, whole }) => {
    if (number === ATTRIBUTE.i && isType && value === FLOAT16) return varintField(number, FLOAT);
    if (number === ATTRIBUTE.t || number === ATTRIBUTE.tensors) {
      const tensor = floatTensor(bytes);
      return tensor ? bytesField(number, tensor.make()) : whole;
    }
    if (number === ATTRIBUTE.g || number === ATTRIBUTE.graphs) return bytesField(number, floatGraph(bytes));
    return whole;
  });
}

/** An inner graph, all of it, in float32. */
function floatGraph(graph: Buffer): Buffer {
  return rewrite(graph, ({ number, bytes, whole }) => {
    if (number === GRAPH.node) return bytesField(number, floatNode(bytes));
    if (number === GRAPH.input || number === GRAPH.output) return bytesField(number, floatValueInfo(bytes));
    if (number === GRAPH.initializer) return bytesField(number, floatTensor(bytes)?.make() ?? bytes);
    return number === GRAPH.valueInfo ? Buffer.alloc(0) : whole;
  });
}

/** ValueInfoProto -> TypeProto (field 2) -> Tensor (field 1) -> elem_type (field 1). */
function floatValueInfo(info: Buffer): Buffer {
  const inside = (bytes: Buffer, path: number[]): Buffer =>
    rewrite(bytes, (field) => {
      if (field.number !== path[0]) return field.whole;
      if (path.length > 1) return bytesField(field.number, inside(field.bytes, path.slice(1)));
      return field.value === FLOAT16 ? varintField(field.number, FLOAT) : field.whole;
    });
  return inside(info, [2, 1, 1]);
}

/** @returns undefined when the values lie in another file */
function floatTensor(tensor: Buffer): Part | undefined {
  const fields = [...fieldsOf(tensor)];
  if (fields.some(({ number, value }) => number === TENSOR.location && value === 1)) return undefined;
  const isHalf = fields.some(({ number, value }) => number === TENSOR.dataType && value === FLOAT16);
  if (!isHalf) return asIs(tensor);
  const isData = ({ number }: Field) => number === TENSOR.raw || number === TENSOR.int32;
  const head = Buffer.concat([
    ...fields.filter((field) => !isData(field) && field.number !== TENSOR.dataType).map(({ whole }) => whole),
    varintField(TENSOR.dataType, FLOAT),
  ]);
  const halves = () => Buffer.concat(fields.filter(isData).map(halfBytes));
  const count = fields
    .filter(isData)
    .reduce(
      (sum, field) => sum + (field.number === TENSOR.raw ? field.bytes.length : halfBytes(field).length),
      0,
    );
  const dataHeader = bytesHeader(TENSOR.raw, count * 2);
  return {
    length: head.length + dataHeader.length + count * 2,
    make: () => Buffer.concat([head, dataHeader, floatBytes(halves())]),
  };
}

/** float16 weights lie in `raw_data`, or one to a number in `int32_data`. */
function halfBytes({ number, wire, bytes, value }: Field): Buffer {
  if (number === TENSOR.raw) return bytes;
  const numbers = wire === 2 ? packedVarints(bytes) : [value];
  return Buffer.from(Uint16Array.from(numbers).buffer);
}

/** Little-endian float16 to little-endian float32, like every machine that onnxruntime runs on. */
function floatBytes(halves: Buffer): Buffer {
  const aligned = new Uint8Array(halves);
  return Buffer.from(fromHalf(new Uint16Array(aligned.buffer)).buffer);
}

function rewrite(message: Buffer, edit: (field: Field) => Buffer): Buffer {
  return Buffer.concat([...fieldsOf(message)].map(edit));
}

function nameOf(message: { bytes: Buffer }, number: number): string {
  for (const field of fieldsOf(message.bytes)) if (field.number === number) return field.bytes.toString();
  return '';
}

function asIs(bytes: Buffer): Part {
  return { length: bytes.length, make: () => bytes };
}
