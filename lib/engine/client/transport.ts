import type { Readable } from 'node:stream';
import type { Upload } from './types';

/** A field of a form: a text, or a file that is opened when its turn has come. */
export type FormPart = { name: string } & ({ text: string } | { file: Upload });

export type Body = { json: object } | { form: readonly FormPart[] };

/** One request to an engine. */
export interface Message {
  method: 'GET' | 'POST' | 'DELETE';
  /** A full address. */
  url: string;
  headers: Record<string, string>;
  body?: Body;
  signal?: AbortSignal;
  /** Called when the request begins and whenever a part of it has left, by transports that know. */
  onMove?(): void;
}

export interface Reply {
  status: number;
  headers: Record<string, unknown>;
  body: Readable;
}

/**
 * Sends a request as it is: no redirect is followed, every status is an answer, and the body arrives as a stream.
 * @throws NoConnection; VitrineError FETCH_FAILED for a file of the form that cannot be read; the reason of the signal
 */
export type Send = (message: Message) => Promise<Reply>;

/** No answer came. */
export class NoConnection extends Error {
  /**
   * @param made the request may have arrived
   * @param code such as ECONNREFUSED
   */
  constructor(
    readonly made: boolean,
    readonly code?: string,
  ) {
    super(code ?? 'the connection broke');
  }
}

/** An engine, and the way to it. */
export interface Engine {
  url: string;
  token?: string;
  send: Send;
}
