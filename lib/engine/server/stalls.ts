import type { IncomingMessage, ServerResponse } from 'node:http';

/** Looks at a connection in the time that it may stand still. */
const LOOKS = 6;

/**
 * Watches one request: a caller who stops sending what he began, or stops taking what he asked for, is not waited for.
 * However slowly, one that moves goes on.
 * @param idleMs the longest standstill, in milliseconds
 * @param onStall called once, with the connection still open
 */
export function watchForStalls(
  request: IncomingMessage,
  response: ServerResponse,
  idleMs: number,
  onStall: () => void,
): void {
  const { socket } = request;
  let movedAt = performance.now();
  let before: number | undefined;
  const look = () => {
    const all = request.complete && response.closed;
    if (all || socket.destroyed) return clearInterval(timer);
    const moved = position(request);
    if (moved === undefined || moved !== before) movedAt = performance.now();
    before = moved;
    if (performance.now() - movedAt < idleMs) return;
    clearInterval(timer);
    onStall();
  };
  const timer = setInterval(look, idleMs / LOOKS);
  timer.unref();
  response.once('close', look);
}

/** Bytes that went through, in the direction that is waited for; undefined while it is our turn. */
function position({ complete, socket }: IncomingMessage): number | undefined {
  if (!complete) return socket.bytesRead;
  return socket.writableLength ? socket.bytesWritten : undefined;
}
