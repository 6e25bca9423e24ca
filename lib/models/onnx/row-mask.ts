import { readNode, makeNode, type Node } from './blocks';
import { asIs, opsetOf, rewrite, type Part } from './edit';
import { DATA_TYPE, GRAPH, MODEL, NODE, namesOfNode } from './fields';
import { bytesField, fieldsOf, varintField } from './protobuf';

/** From this version of the operators on, a tensor can be brought to the type of another. */
const CASTS_LIKE = 15;
/** What may stand between the product of queries and keys and its softmax. */
const ON_THE_WAY = ['Mul', 'Div', 'Add', 'Cast', 'Identity'];

/** Which of a graph's attentions get a mask. */
export interface RowMask {
  /** The input that their keys come from. */
  keys: string;
  /** An input that their keys do not come from. */
  queries: string;
  /** Name of the new input: a float32 number for each row of keys, added to what each query thinks of it. */
  mask: string;
}

/**
 * The same network with one input more, which says of each row of a memory whether it stands for something: -1e4 leaves
 * it out, 0 leaves all as it was.
 * @returns undefined where no attention of that kind is found in a form that is known here
 * @throws RangeError when the file is not a whole message
 */
export function addRowMask(model: Buffer, names: RowMask): Part[] | undefined {
  const fields = [...fieldsOf(model)];
  if (fields.some(({ number }) => number === MODEL.functions)) return undefined;
  const opset = opsetOf(model);
  let count = 0;
  const parts = fields.map(({ number, bytes, whole }) => {
    if (number !== MODEL.graph) return asIs(whole);
    const edited = editGraph(bytes, names, opset);
    count = edited.count;
    return asIs(bytesField(MODEL.graph, edited.graph));
  });
  return count ? parts : undefined;
}

function editGraph(graph: Buffer, names: RowMask, opset: number): { graph: Buffer; count: number } {
  const nodes = [...fieldsOf(graph)]
    .filter(({ number }) => number === GRAPH.node)
    .map(({ bytes }) => readNode(bytes));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const fromKeys = descendants(nodes, names.keys);
  const fromQueries = descendants(nodes, names.queries);
  const masked = nodes.filter((node) => {
    const keys = node.type === 'Softmax' ? keysOf(node, makers) : undefined;
    return keys !== undefined && fromKeys.has(keys) && !fromQueries.has(keys);
  });
  const byAnswer = new Map(masked.map((node) => [node.outputs[0], node]));
  const edited = rewrite(graph, ({ number, bytes, whole }) => {
    const node = number === GRAPH.node ? byAnswer.get(namesOfNode(bytes).outputs[0]) : undefined;
    if (!node) return whole;
    return Buffer.concat(withMask(node, names.mask, opset).map((each) => bytesField(GRAPH.node, each)));
  });
  return {
    graph: Buffer.concat([edited, bytesField(GRAPH.input, rowsInput(names.mask))]),
    count: masked.length,
  };
}

/** Everything that comes from a value; nodes are in the order they run. */
function descendants(nodes: readonly Node[], name: string): Set<string> {
  const found = new Set([name]);
  for (const { reads, outputs } of nodes)
    if (reads.some((each) => found.has(each))) for (const each of outputs) found.add(each);
  return found;
}

/** What the keys of a softmax of queries times keys are. */
function keysOf({ inputs: [first] }: Node, makers: ReadonlyMap<string, Node>): string | undefined {
  let maker = makers.get(first);
  while (maker && ON_THE_WAY.includes(maker.type)) maker = makers.get(maker.inputs[0]);
  return maker?.type === 'MatMul' ? maker.inputs[1] : undefined;
}

function withMask(softmax: Node, mask: string, opset: number): Buffer[] {
  const [scores] = softmax.inputs;
  const [answer] = softmax.outputs;
  const [cast, sum] = [`${answer}/mask`, `${answer}/masked`];
  const like = opset >= CASTS_LIKE ? [makeNode('CastLike', [mask, scores], cast)] : [];
  const added = makeNode('Add', [scores, like.length ? cast : mask], sum);
  let isFirst = true;
  const bytes = rewrite(softmax.bytes, ({ number, whole }) => {
    if (number !== NODE.input || !isFirst) return whole;
    isFirst = false;
    return bytesField(NODE.input, Buffer.from(sum));
  });
  return [...like.map((node) => node.bytes), added.bytes, bytes];
}

/** A ValueInfoProto: float32, one dimension that is left open. */
function rowsInput(name: string): Buffer {
  const dimension = bytesField(1, bytesField(2, Buffer.from('rows')));
  const tensor = Buffer.concat([varintField(1, DATA_TYPE.float), bytesField(2, dimension)]);
  return Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, bytesField(1, tensor))]);
}
