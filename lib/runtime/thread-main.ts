import { type Answer, answerQuestions } from '../contracts';
import { tensorData, type LoadedGraph, type Tensor } from './ort';
import type { Outputs, Question, RemoteGraph } from './thread-protocol';
import { portable } from './wasm';

/** The inside of the inference thread: it holds the sessions. */
const runtime = portable();
const graphs = new Map<number, LoadedGraph>();
let lastGraph = 0;

answerQuestions(async (question: Question): Promise<Answer> => {
  if (question.ask === 'create') {
    const created = await runtime.create(question.modelFile, question.options, question.weightFiles);
    graphs.set(++lastGraph, created);
    const { inputMetadata, outputMetadata, notice } = created;
    const answer: RemoteGraph = { graph: lastGraph, inputMetadata, outputMetadata, notice };
    return { answer, move: [] };
  }
  const graph = graphs.get(question.graph)!;
  if (question.ask === 'release') {
    graphs.delete(question.graph);
    await graph.release();
    return { answer: undefined, move: [] };
  }
  const feeds = Object.fromEntries(
    Object.entries(question.feeds).map(([name, value]) => [name, runtime.tensor(value)]),
  );
  const answers = await graph.run(feeds, question.outputs);
  const outputs: Outputs = Object.fromEntries(
    question.outputs.map((name) => {
      const { type, dims } = answers[name];
      return [name, { type, dims, data: owned(tensorData(answers[name])) }];
    }),
  );
  return { answer: outputs, move: Object.values(outputs).map(({ data }) => data.buffer as ArrayBuffer) };
});

/** Values in a buffer of their own, which can move to the other thread: a runtime may hand out a view of its memory. */
function owned(data: Tensor['data']): Tensor['data'] {
  return data.slice() as Tensor['data'];
}
