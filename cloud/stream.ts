import type { Readable as NodeReadable } from 'node:stream';

/** What nodes need of node:stream, which verified packs may not import; n8n makes the streams. */
export const Readable = {
  /** Read by cloud/send.ts only, which takes whatever can be iterated over. */
  from: <Part>(parts: Iterable<Part>): Iterable<Part> => parts,
};

export function addAbortSignal<Stream extends NodeReadable>(signal: AbortSignal, stream: Stream): Stream {
  const abort = () => void stream.destroy(signal.reason as Error);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return stream;
}
