import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { mapLimit } from '../../lib/contracts';
import { canceledRun, clientFor, failedItem, toNodeError } from '../common';
import { runDesign } from './design';
import { runItem } from './item';
import { readItemsInParallel } from './parameters';

/**
 * Works on all input items, some at a time, in order. An item that fails becomes an error item when the node
 * is set to continue; otherwise it ends the run, and the engine is told to stop work on the others.
 */
export async function executeRemoveBackground(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
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
      readItemsInParallel(context),
      cancel,
      async (item, itemIndex, signal) => {
        const place = `item ${itemIndex + 1} of ${items.length}`;
        let stage = '';
        try {
          const isDesign = context.getNodeParameter('operation', itemIndex) === 'processFrontAndBack';
          const run = isDesign ? runDesign : runItem;
          return await run(context, client, itemIndex, signal, {
            onProgress(event) {
              // A download is told of five times on its way, anything else once.
              const step = event.message ? `${event.stage} ${Math.floor(event.fraction * 40)}` : event.stage;
              if (step === stage) return;
              stage = step;
              tell(`${place}, ${event.message ?? event.stage} (${Math.round(event.fraction * 100)}%)`);
            },
            onDone(summary, notes) {
              tell(`${place} done by ${summary}`);
              for (const note of notes) warnings.add(note);
            },
          });
        } catch (error) {
          const nodeError = toNodeError(node, error, itemIndex);
          if (signal.aborted || !context.continueOnFail()) throw nodeError;
          return failedItem(node, nodeError, item, itemIndex);
        }
      },
    );
    return [results];
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
