import { fieldsOf, packedVarints, type Field } from './protobuf';

/** Field numbers of onnx.proto (IR version 3 and later). */
export const MODEL = { graph: 7, opset: 8, functions: 25 };
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparse: 15 };
export const OPSET = { domain: 1, version: 2 };
export const NODE = { input: 1, output: 2, name: 3, type: 4, attribute: 5, domain: 7 };
export const ATTRIBUTE = { name: 1, i: 3, s: 4, t: 5, g: 6, ints: 8, tensors: 10, graphs: 11, type: 20 };
export const TENSOR = { dims: 1, dataType: 2, int32: 5, name: 8, raw: 9, location: 14 };
/** Numbers of TensorProto.DataType. */
export const DATA_TYPE = { float: 1, int64: 7, float16: 10 };

/** Names that a node reads and writes. */
export interface NodeNames {
  /** Its inputs, and what its inner graphs (branches, loops) refer to; some of that may be their own. */
  reads: string[];
  outputs: string[];
}

export function namesOfNode(node: Buffer): NodeNames {
  const names: NodeNames = { reads: [], outputs: [] };
  for (const { number, bytes } of fieldsOf(node)) {
    if (number === NODE.input) names.reads.push(bytes.toString());
    else if (number === NODE.output) names.outputs.push(bytes.toString());
    else if (number === NODE.attribute) names.reads.push(...outerNames(bytes));
  }
  return names;
}

function outerNames(attribute: Buffer): string[] {
  const names: string[] = [];
  for (const { number, bytes } of fieldsOf(attribute)) {
    if (number !== ATTRIBUTE.g && number !== ATTRIBUTE.graphs) continue;
    for (const field of fieldsOf(bytes)) {
      if (field.number === GRAPH.node) names.push(...namesOfNode(field.bytes).reads);
      if (field.number === GRAPH.output) names.push(textOf(field.bytes, 1));
    }
  }
  return names;
}

/** The text in a field of a message; empty without the field. */
export function textOf(message: Buffer, number: number): string {
  for (const field of fieldsOf(message)) if (field.number === number) return field.bytes.toString();
  return '';
}

/** The varints in a field that is repeated, packed or not. */
export function numbersOf(message: Buffer, number: number): number[] {
  const fields = [...fieldsOf(message)].filter((field: Field) => field.number === number);
  return fields.flatMap(({ wire, bytes, value }) => (wire === 2 ? packedVarints(bytes) : [value]));
}
