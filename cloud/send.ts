import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { VitrineError } from '../lib/contracts';
import { type FormPart, NoConnection, type Send } from '../lib/engine/client/transport';

/** What was certainly not connected. */
const NEVER_MADE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * The way to engines through n8n's own requests, which keep its rules for proxies and addresses. Forms are made in
 * memory: packs that are verified may not make streams.
 */
export function sendByN8n(httpRequest: (request: IHttpRequestOptions) => Promise<unknown>): Send {
  return async ({ method, url, headers, body, signal }) => {
    const form = body && 'form' in body ? await formOf(body.form) : undefined;
    const request: IHttpRequestOptions = {
      ...{ method, url, abortSignal: signal, encoding: 'stream', returnFullResponse: true },
      ...{ ignoreHttpStatusErrors: true, disableFollowRedirect: true },
      headers: { ...headers, ...form?.headers },
      ...(form && { body: form.data }),
      ...(body && 'json' in body && { body: body.json, json: true }),
    };
    try {
      const answer = (await httpRequest(request)) as IN8nHttpFullResponse;
      return { status: answer.statusCode, headers: answer.headers, body: answer.body as Readable };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const code = codeOf(error);
      throw new NoConnection(!NEVER_MADE.includes(code ?? ''), code ?? (error as Error).message);
    }
  };
}

/** n8n wraps what the system said, sometimes twice. */
function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as Error & { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return undefined;
}

/** RFC 7578. */
async function formOf(
  parts: readonly FormPart[],
): Promise<{ data: Buffer; headers: Record<string, string> }> {
  const boundary = `vitrine-${randomUUID()}`;
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    const isText = 'text' in part;
    const file = isText ? '' : `; filename="${quoted(part.file.fileName)}"`;
    const type = isText ? '' : `\r\nContent-Type: ${part.file.mimeType.replace(/[\r\n]/g, '')}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"${file}${type}\r\n\r\n`;
    chunks.push(Buffer.from(head), isText ? Buffer.from(part.text) : await read(part), Buffer.from('\r\n'));
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    data: Buffer.concat(chunks),
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** As browsers write a name: https://html.spec.whatwg.org/#multipart-form-data */
function quoted(name: string): string {
  return name.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}

async function read({ file }: Extract<FormPart, { file: unknown }>): Promise<Buffer> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await file.open()) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  } catch (error) {
    throw new VitrineError(
      {
        code: 'FETCH_FAILED',
        message: `${file.fileName} could not be read: ${codeOf(error) ?? 'its stream broke'}`,
        hint: 'Run the step that made it again; the file may be gone or damaged.',
      },
      { cause: error },
    );
  }
}
