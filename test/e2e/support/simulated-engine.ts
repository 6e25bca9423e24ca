import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { packVersion } from './settings';
import { sleep } from './wait';

/** An engine with one worker, for which each cutout is a wait: what many engines do together needs no machine for each. */
export class SimulatedEngine {
  /** When each job ended, in milliseconds since the epoch. */
  readonly ended: number[] = [];
  private readonly instance = randomUUID();
  private line: Promise<unknown> = Promise.resolve();
  private inLine = 0;

  private constructor(
    private readonly server: Server,
    private readonly picture: Buffer,
    private readonly jobSeconds: number,
  ) {}

  static async start(picture: Buffer, jobSeconds: number): Promise<SimulatedEngine> {
    const server = createServer();
    const engine = new SimulatedEngine(server, picture, jobSeconds);
    server.on('request', (request, response) => {
      request.resume();
      request.once('end', () => void engine.answer(`${request.method} ${request.url}`, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(what: string, response: ServerResponse): Promise<void> {
    if (what.startsWith('GET /health')) return void response.end(JSON.stringify(this.health()));
    if (what.startsWith('GET /download/')) return void response.end(this.picture);
    if (what.startsWith('DELETE /')) return void response.writeHead(204).end();
    if (!what.startsWith('POST /background/cleanup')) return void response.writeHead(404).end();
    response.setHeader('content-type', 'application/x-ndjson').flushHeaders();
    this.inLine += 1;
    this.line = this.line.then(() => sleep(this.jobSeconds * 1000));
    await this.line;
    this.inLine -= 1;
    this.ended.push(Date.now());
    response.end(`${JSON.stringify({ type: 'result', result: this.result() })}\n`);
  }

  private health(): object {
    const load = { running: Math.min(this.inLine, 1), waiting: Math.max(this.inLine - 1, 0) };
    return {
      ...{ service: 'vitrine', version: packVersion, status: 'ok', instance: this.instance },
      ...{ device: 'cpu', models_loaded: [], problems: [], queue: load },
      jobs: { remove: { ...load, workers: 1, seconds: this.jobSeconds } },
    };
  }

  private result(): object {
    return {
      ...{ mode: 'transparent', model: 'plain', device: 'cpu', format: 'png', width: 16, height: 16 },
      ...{ bbox: [0, 0, 16, 16], coverage: 1, confidence: 1, unsure: false, warnings: [] },
      artifacts: { output: `${this.url}/download/cleanup_${randomUUID()}.png` },
      metrics: { elapsed_ms: this.jobSeconds * 1000, decode_ms: 0, infer_ms: 0, refine_ms: 0, encode_ms: 0 },
    };
  }
}
