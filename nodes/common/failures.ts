import { NodeApiError, NodeOperationError, type INode, type INodeExecutionData } from 'n8n-workflow';
import { VitrineError, type ErrorCode } from '../../lib/contracts';

/**
 * Turns whatever was thrown into the error that n8n shows: what happened as its message, how to mend it as
 * its description, the item it belongs to in its context. Errors of n8n itself keep their own words.
 */
export function toNodeError(
  node: INode,
  error: unknown,
  itemIndex?: number,
): NodeOperationError | NodeApiError {
  if (error instanceof NodeOperationError || error instanceof NodeApiError) {
    error.context.itemIndex ??= itemIndex;
    return error;
  }
  const known = VitrineError.from(error);
  if (known.code === 'INTERNAL' && error instanceof Error && !(error instanceof VitrineError)) {
    return new NodeOperationError(node, error, { itemIndex });
  }
  const wrapped = new NodeOperationError(node, known, {
    itemIndex,
    message: known.message,
    description: known.hint,
  });
  // n8n puts texts of its own in place of messages that name a system code such as ECONNRESET.
  wrapped.message = known.message;
  wrapped.context.code = known.code;
  return wrapped;
}

/** Ends a run that n8n has cancelled; by the word "canceled" n8n tells it from a failed one. */
export function canceledRun(node: INode): NodeOperationError {
  return new NodeOperationError(node, 'The execution was canceled', {
    description: 'The engine was told to stop its work on the items under way.',
  });
}

/**
 * The item that stands for a failed one when the node is set to continue. `error` and `details` are the two
 * keys by which n8n recognises an item for the error output. That output also keeps the item's files, so
 * that a refused photo can go to somebody who looks at it; on the regular output they are left out, lest an
 * uncut photo passes for a cutout.
 */
export function failedItem(
  node: INode,
  error: NodeOperationError | NodeApiError,
  item: INodeExecutionData,
  itemIndex: number,
): INodeExecutionData {
  const code = (error.context.code as ErrorCode | undefined) ?? 'INVALID_PARAMETER';
  return {
    json: { error: error.message, details: { code, hint: error.description ?? '' } },
    ...(node.onError === 'continueErrorOutput' && item.binary ? { binary: item.binary } : {}),
    pairedItem: { item: itemIndex },
  };
}
