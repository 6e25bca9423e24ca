import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http';
import { listen } from './web';

/** What a receiver does with one callback. */
export type Reaction = (response: ServerResponse) => void;

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came. */
  body: string;
  /** What it says. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
}

export interface Receiver {
  url: string;
  /** Every request so far. */
  received: Received[];
  /** One reaction for each request to come; the last one stays. */
  script: Reaction[];
}

/** Those of the callbacks of one job. */
export const of = (jobId: string, { received }: Receiver) =>
  received.filter(({ json }) => json.jobId === jobId);

export const answer =
  (status: number, headers: Record<string, string> = {}): Reaction =>
  (response) =>
    response.writeHead(status, headers).end();

/** A receiver of callbacks that records them, on a port of its own. */
export async function startReceiver(): Promise<Receiver> {
  const receiver: Receiver = { url: '', received: [], script: [answer(200)] };
  receiver.url = await listen(recorder(receiver));
  return receiver;
}

/** Records what comes and reacts as the script says. */
export const recorder =
  (receiver: Pick<Receiver, 'received' | 'script'>): RequestListener =>
  (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      receiver.received.push({ path: request.url!, headers: request.headers, body, json: JSON.parse(body) });
      const [reaction] = receiver.script;
      if (receiver.script.length > 1) receiver.script.shift();
      reaction(response);
    });
  };
