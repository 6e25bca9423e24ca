import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { type RemoveResult, builtFile } from '../lib/contracts';

/** `vitrine serve` in a process of its own, on a free port, without a limit of requests. */
export class EngineProcess {
  /** Milliseconds from the start of the process until it listened. */
  readonly listeningMs: number;
  /** Resolves to the milliseconds from the start until its worker took jobs. */
  readonly workerReady: Promise<number>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    times: Pick<EngineProcess, 'listeningMs' | 'workerReady'>,
    /** `performance.now()` when the process was started. */
    readonly began: number,
  ) {
    this.listeningMs = times.listeningMs;
    this.workerReady = times.workerReady;
  }

  /** @param folder where its results, logs and temp files go, and its models lie in `models` unless `env` says otherwise */
  static async start(folder: string, env: Record<string, string> = {}): Promise<EngineProcess> {
    const began = performance.now();
    const child = spawn(process.execPath, [builtFile('lib/cli/main.js'), 'serve', '--port', '0'], {
      cwd: folder,
      env: {
        ...process.env,
        VITRINE_HOME: folder,
        VITRINE_MODELS_DIR: join(folder, 'models'),
        VITRINE_TEMP_DIR: folder,
        VITRINE_OFFLINE: 'true',
        BG_REQS_PER_MIN: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    const told = (pattern: RegExp) =>
      new Promise<[number, string]>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output);
          if (found) resolve([performance.now() - began, found[1]]);
        };
        child.stdout.on('data', look);
        child.on('exit', () => reject(new Error(`The engine ended: ${output.slice(-1000)}`)));
        look();
      });
    const workerReady = told(/(All models initialized)/).then(([ms]) => ms);
    // Whoever does not ask for it learns of an engine that ended by a failed request.
    workerReady.catch(() => undefined);
    const [listeningMs, url] = await told(/listening on (http:[^;"\s]+)/);
    return new EngineProcess(child, url, { listeningMs, workerReady }, began);
  }

  /** Its process id. */
  get pid(): number {
    return this.child.pid!;
  }

  /** One cutout by HTTP. */
  async remove(photo: string, fields: Record<string, string>): Promise<RemoveResult> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', await openAsBlob(photo), 'photo.jpg');
    return this.post<RemoveResult>('/background/cleanup', { body: form });
  }

  /** @throws an Error with the engine's own words */
  async post<Answer>(
    path: string,
    { body, headers }: Pick<RequestInit, 'body' | 'headers'>,
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', body, headers });
    const answer = (await response.json()) as Answer;
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill();
    await exited;
  }
}
