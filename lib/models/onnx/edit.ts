import { fromHalf } from '../../runtime';
import { spareBlocks, type GraphParts } from './blocks';
import {
  ATTRIBUTE,
  DATA_TYPE,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
  namesOfNode,
  numbersOf,
  textOf,
} from './fields';
import { bytesField, bytesHeader, fieldsOf, packedVarints, varintField, type Field } from './protobuf';

/** Bytes whose content is made only when they are written: a gigabyte of weights never stands in memory twice. */
export interface Part {
  length: number;
  make(): Buffer;
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
  const opset = opsetOf(model);
  for (const field of fieldsOf(model)) {
    if (field.number === MODEL.functions) return undefined;
    if (field.number !== MODEL.graph) {
      parts.push(asIs(field.whole));
      continue;
    }
    const graph = editGraph(field.bytes, output, opset);
    if (!graph) return undefined;
    const length = graph.reduce((sum, part) => sum + part.length, 0);
    parts.push(asIs(bytesHeader(MODEL.graph, length)), ...graph);
  }
  return parts;
}

/** Version of the ONNX operators; 0 where the model does not say. */
export function opsetOf(model: Buffer): number {
  const sets = [...fieldsOf(model)].filter(({ number }) => number === MODEL.opset).map(({ bytes }) => bytes);
  const own = sets.find((set) => ['', 'ai.onnx'].includes(textOf(set, OPSET.domain)));
  return own ? (numbersOf(own, OPSET.version)[0] ?? 0) : 0;
}

function editGraph(graph: Buffer, output: string | number, opset: number): Part[] | undefined {
  const fields = [...fieldsOf(graph)];
  const outputs = fields.filter(({ number }) => number === GRAPH.output);
  const wanted = outputs.find(({ bytes }, i) => i === output || textOf(bytes, 1) === output);
  if (!wanted || fields.some(({ number }) => number === GRAPH.sparse)) return undefined;
  const name = textOf(wanted.bytes, 1);
  const { nodes, weights } = spareBlocks(ancestors(fields, name), name, opset);

  const parts = nodes.map((node) => asIs(bytesField(GRAPH.node, floatNode(node))));
  for (const weight of weights) {
    const tensor = floatTensor(weight);
    if (!tensor) return undefined;
    parts.push(asIs(bytesHeader(GRAPH.initializer, tensor.length)), tensor);
  }
  const read = new Set(nodes.flatMap((node) => namesOfNode(node).reads));
  for (const field of fields) {
    const { number, bytes } = field;
    if (number === GRAPH.input) {
      // Old graphs list their weights among the inputs.
      if (read.has(textOf(bytes, 1))) parts.push(asIs(bytesField(number, floatValueInfo(bytes))));
    } else if (field === wanted) {
      parts.push(asIs(bytesField(number, floatValueInfo(bytes))));
    } else if (![GRAPH.node, GRAPH.initializer, GRAPH.output, GRAPH.valueInfo].includes(number)) {
      // Shapes of inner values (valueInfo) name their old type; onnxruntime works them out anew.
      parts.push(asIs(field.whole));
    }
  }
  return parts;
}

/** Nodes and weights that lead to `output`. */
function ancestors(fields: Field[], output: string): GraphParts {
  const nodes = fields.filter(({ number }) => number === GRAPH.node).map(({ bytes }) => bytes);
  const names = new Map(nodes.map((node) => [node, namesOfNode(node)]));
  const makers = new Map(nodes.flatMap((node) => names.get(node)!.outputs.map((name) => [name, node])));
  const values = new Set<string>();
  const needed = new Set<Buffer>();
  const open = [output];
  while (open.length) {
    const name = open.pop()!;
    if (values.has(name)) continue;
    values.add(name);
    const maker = name ? makers.get(name) : undefined;
    if (!maker || needed.has(maker)) continue;
    needed.add(maker);
    open.push(...names.get(maker)!.reads);
  }
  const weights = fields.filter(({ number }) => number === GRAPH.initializer).map(({ bytes }) => bytes);
  return {
    nodes: nodes.filter((node) => needed.has(node)),
    weights: weights.filter((weight) => values.has(textOf(weight, TENSOR.name))),
  };
}

/** The node with its constants and the types it casts to in float32. */
function floatNode(node: Buffer): Buffer {
  return rewrite(node, (field) =>
    field.number === NODE.attribute ? bytesField(NODE.attribute, floatAttribute(field.bytes)) : field.whole,
  );
}

function floatAttribute(attribute: Buffer): Buffer {
  const name = textOf(attribute, ATTRIBUTE.name);
  const isType = name === 'to' || name === 'dtype';
  return rewrite(attribute, ({ number, bytes, value, whole }) => {
    if (number === ATTRIBUTE.i && isType && value === DATA_TYPE.float16)
      return varintField(number, DATA_TYPE.float);
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
      return field.value === DATA_TYPE.float16 ? varintField(field.number, DATA_TYPE.float) : field.whole;
    });
  return inside(info, [2, 1, 1]);
}

/** @returns undefined when the values lie in another file */
function floatTensor(tensor: Buffer): Part | undefined {
  const fields = [...fieldsOf(tensor)];
  if (fields.some(({ number, value }) => number === TENSOR.location && value === 1)) return undefined;
  const isHalf = fields.some(
    ({ number, value }) => number === TENSOR.dataType && value === DATA_TYPE.float16,
  );
  if (!isHalf) return asIs(tensor);
  const isData = ({ number }: Field) => number === TENSOR.raw || number === TENSOR.int32;
  const head = Buffer.concat([
    ...fields.filter((field) => !isData(field) && field.number !== TENSOR.dataType).map(({ whole }) => whole),
    varintField(TENSOR.dataType, DATA_TYPE.float),
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

/** A message with each field as `edit` has it. */
export function rewrite(message: Buffer, edit: (field: Field) => Buffer): Buffer {
  return Buffer.concat([...fieldsOf(message)].map(edit));
}

export function asIs(bytes: Buffer): Part {
  return { length: bytes.length, make: () => bytes };
}
