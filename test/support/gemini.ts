import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './web';

/** What the stand-in for Gemini does with one request. */
export type Reply = (response: ServerResponse, asked: Asked) => void;

export interface Asked {
  path: string;
  key?: string;
  method: string;
  /** The parsed request; undefined for a list. */
  body: {
    contents: { parts: { text?: string; inlineData?: { mimeType: string; data: string } }[] }[];
    generationConfig: object;
  };
}

export interface Gemini {
  url: string;
  /** Every request so far. */
  asked: Asked[];
  /** One reply for each request to come; the last one stays. */
  script: Reply[];
}

/** A server with the contract of Gemini's `generateContent`, and the faults that a test wants. */
export async function startGemini(): Promise<Gemini> {
  const gemini: Gemini = { url: '', asked: [], script: [] };
  gemini.url = await listeningGemini(gemini);
  return gemini;
}

const listeningGemini = (gemini: Gemini) =>
  listen((request, response) => {
    void readBody(request).then((text) => {
      const key = request.headers['x-goog-api-key'] as string | undefined;
      const { url: path = '', method = '' } = request;
      const asked = { path, method, key, body: text ? JSON.parse(text) : undefined };
      gemini.asked.push(asked);
      const [reply] = gemini.script;
      if (gemini.script.length > 1) gemini.script.shift();
      reply(response, asked);
    });
  });

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** The answer with a picture, words and a thought before it, as Gemini sends them. */
export const picture = (data: Buffer, mimeType = 'image/png'): Reply =>
  json({
    candidates: [
      {
        finishReason: 'STOP',
        content: {
          role: 'model',
          parts: [
            { thought: true, inlineData: { mimeType: 'image/png', data: 'AAAA' } },
            { text: 'Here it is.' },
            { inlineData: { mimeType, data: data.toString('base64') } },
          ],
        },
      },
    ],
  });

/** An answer in words, after a thought; what the model ended with is `STOP` where it came to its end. */
export const words = (text: string, finishReason = 'STOP'): Reply =>
  json({
    candidates: [
      { finishReason, content: { role: 'model', parts: [{ thought: true, text: '{"odd":' }, { text }] } },
    ],
  });

/** The prompt itself was stopped. */
export const blocked = (blockReason: string): Reply => json({ promptFeedback: { blockReason } });

/** The connection breaks. */
export const drop: Reply = (response) => void response.destroy();

/** An error as Google words it. */
export const failure = (
  status: number,
  message: string,
  details: object[] = [],
  headers: Record<string, string> = {},
): Reply => json({ error: { code: status, message, status: 'X', details } }, status, headers);

/** Gemini gives back the very picture it was sent. */
export const echo: Reply = (response, asked) => {
  const sent = asked.body.contents[0].parts.find(({ inlineData }) => inlineData)!.inlineData!;
  picture(Buffer.from(sent.data, 'base64'), sent.mimeType)(response, asked);
};
