import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './web';

/** A request to the stand-in for Runway. */
export interface RunwayAsked {
  method: string;
  path: string;
  authorization?: string;
  version?: string;
  body?: { model: string; promptText: string; ratio: string; seed?: number };
}

/** What the stand-in does with one request. */
export type RunwayReply = (response: ServerResponse, asked: RunwayAsked) => void;

export interface Runway {
  url: string;
  /** Every request so far, those for pictures too. */
  asked: RunwayAsked[];
  /** Replies to `POST /v1/text_to_image` and to `GET /v1/tasks/…`; the last one of each stays. */
  begin: RunwayReply[];
  look: RunwayReply[];
  /** The picture under `/picture.png`. */
  picture: RunwayReply;
  /** Whether a task was cancelled. */
  cancelled(): boolean;
}

const TASK = '17f20503-6c24-4c16-946b-35dbbce2af2f';

/** A server with the contract of Runway's API, and the faults that a test wants. */
export async function startRunway(picture: Buffer): Promise<Runway> {
  const runway: Runway = {
    url: '',
    asked: [],
    begin: [begun()],
    look: [() => undefined],
    picture: (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
    cancelled: () =>
      runway.asked.some(({ method, path }) => method === 'DELETE' && path === `/v1/tasks/${TASK}`),
  };
  runway.url = await listen((request, response) => {
    void readBody(request).then((text) => {
      const { method = '', url: path = '', headers } = request;
      const asked: RunwayAsked = {
        ...{ method, path, authorization: headers.authorization },
        version: headers['x-runway-version'] as string | undefined,
        body: text ? JSON.parse(text) : undefined,
      };
      runway.asked.push(asked);
      if (method === 'DELETE') response.writeHead(204).end();
      else if (method === 'POST' && path === '/v1/text_to_image') next(runway.begin)(response, asked);
      else if (path === `/v1/tasks/${TASK}`) next(runway.look)(response, asked);
      else if (path.startsWith('/picture.png')) runway.picture(response, asked);
      else response.writeHead(404).end();
    });
  });
  runway.look = [succeeded(runway)];
  return runway;
}

function next(replies: RunwayReply[]): RunwayReply {
  return replies.length > 1 ? replies.shift()! : replies[0];
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export const answer =
  (body: unknown, status = 200, headers: Record<string, string> = {}): RunwayReply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const begun = (credits = 5) => answer({ id: TASK, estimatedCost: { credits } });

export const task = (fields: object) => answer({ id: TASK, createdAt: '2026-11-26T10:00:00Z', ...fields });

/** A finished task whose picture lies on the stand-in, under a signed address. */
export const succeeded = ({ url }: Runway, credits: number | null = 8) =>
  task({
    status: 'SUCCEEDED',
    output: [`${url}/picture.png?_jwt=signed-and-secret`],
    ...(credits !== null && { cost: { credits } }),
  });
