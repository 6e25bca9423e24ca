import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { invalid, mapLimit } from '../../lib/contracts';
import { clientFor } from './engine';
import { canceledRun, failedItem, toNodeError } from './failures';
import type { ItemRun, Operation } from './operation';
import { type LoopDefaults, PHOTO_LOOP, readItemsInParallel, readOptions, readTimeout } from './options';

/**
 * Works on all input items, some at a time, in order, each by its operation. An item that fails becomes an error item
 * when the node is set to continue; otherwise it ends the run, and the engine is told to stop work on the others.
 * @param usual as the node's properties were made with
 */
export async function runItems(
  context: IExecuteFunctions,
  operations: readonly Operation[],
  usual: LoopDefaults = PHOTO_LOOP,
): Promise<INodeExecutionData[][]> {
  const items = context.getInputData();
  if (!items.length) return [[]];
  const node = context.getNode();
  const cancel = context.getExecutionCancelSignal();
  const warnings = new Set<string>();
  const tell = (message: string) => context.sendMessageToUI(`${node.name}: ${message}`);

  try {
    cancel?.throwIfAborted();
    const client = await clientFor(context, context.getNodeParameter('engineLocation', 0), tell);
    const results = await mapLimit(
      items,
      readItemsInParallel(context, usual),
      cancel,
      async (item, index, signal) => {
        const place = `item ${index + 1} of ${items.length}`;
        const value = (name: string) => context.getNodeParameter(name, index, null) ?? undefined;
        try {
          const operation = operations.length > 1 ? chosen(operations, value('operation')) : operations[0];
          const options = readOptions(context, index);
          const onProgress = reporter((step) => tell(`${place}, ${step}`));
          return await operation.run({
            ...{ context, client, item, index, value, options },
            job: { signal, timeoutSeconds: readTimeout(options, usual), onProgress },
            onDone(summary, notes) {
              tell(`${place} done by ${summary}`);
              for (const note of notes) warnings.add(note);
            },
          });
        } catch (error) {
          const nodeError = toNodeError(node, error, index);
          if (signal.aborted || !context.continueOnFail()) throw nodeError;
          return failedItem(node, nodeError, item, index);
        }
      },
    );
    return [results.flat()];
  } catch (error) {
    throw cancel?.aborted ? canceledRun(node) : toNodeError(node, error, 0);
  } finally {
    if (warnings.size) {
      const hints = [...warnings].map(
        (message) => ({ message, type: 'warning', location: 'outputPane' }) as const,
      );
      context.addExecutionHints(...hints);
    }
  }
}

function chosen(operations: readonly Operation[], value: unknown): Operation {
  const operation = operations.find((each) => each.value === value);
  if (operation) return operation;
  throw invalid('Operation', `one of ${operations.map((each) => each.value).join(', ')}`, value);
}

/** Tells each step of a job once, and how far a download is 40 times at most. */
function reporter(tell: (step: string) => void): ItemRun['job']['onProgress'] {
  let last = '';
  return ({ stage, fraction, message }) => {
    const step = message ? `${stage} ${Math.floor(fraction * 40)}` : stage;
    if (step === last) return;
    last = step;
    tell(`${message ?? stage} (${Math.round(fraction * 100)}%)`);
  };
}
