import { parentPort } from 'node:worker_threads';
import { VitrineError } from '../contracts';
import { tensorData, type LoadedGraph, type Tensor } from './ort';
import type { Answer, Question } from './thread-protocol';
import { portable } from './wasm';

/** The inside of the inference thread: it holds the sessions and answers one question after another. */
const runtime = portable();
const graphs = new Map<number, LoadedGraph>();

parentPort!.on('message', (question: Question) => void reply(question));

async function reply(question: Question): Promise<void> {
  const { id } = question;
  try {
    const answer = await work(question);
    send(answer, 'outputs' in answer ? Object.values(answer.outputs) : []);
  } catch (error) {
    const body = error instanceof VitrineError ? error.toJSON() : undefined;
    const message = error instanceof Error ? error.message : String(error);
    send({ id, failure: { message, body } }, []);
  }
}

async function work(question: Question): Promise<Answer> {
  const { id } = question;
  if (question.ask === 'create') {
    const created = await runtime.create(question.modelFile, question.options, question.weightFiles);
    graphs.set(id, created);
    const { inputMetadata, outputMetadata, notice } = created;
    return { id, created: { graph: id, inputMetadata, outputMetadata, notice } };
  }
  const graph = graphs.get(question.graph)!;
  if (question.ask === 'release') {
    graphs.delete(question.graph);
    await graph.release();
    return { id, released: true };
  }
  const feeds = Object.fromEntries(
    Object.entries(question.feeds).map(([name, value]) => [name, runtime.tensor(value)]),
  );
  const answers = await graph.run(feeds, question.outputs);
  const outputs = question.outputs.map((name) => {
    const { type, dims } = answers[name];
    return [name, { type, dims, data: owned(tensorData(answers[name])) }] as const;
  });
  return { id, outputs: Object.fromEntries(outputs) };
}

/** Values in a buffer of their own, which can move to the other thread: a runtime may hand out a view of its memory. */
function owned(data: Tensor['data']): Tensor['data'] {
  return data.slice() as Tensor['data'];
}

function send(answer: Answer, tensors: Tensor[]): void {
  parentPort!.postMessage(
    answer,
    tensors.map(({ data }) => data.buffer as ArrayBuffer),
  );
}
