import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What nvidia-smi says of the first card; undefined without one. */
export async function ask(columns: string): Promise<string[] | undefined> {
  const options = [`--query-gpu=${columns}`, '--format=csv,noheader,nounits'];
  const answer = await run('nvidia-smi', options, { timeout: 5000 }).catch(() => undefined);
  return answer?.stdout.split('\n')[0].split(', ');
}

/** Megabytes of its memory that all processes together hold. */
export async function memoryUsed(): Promise<number | undefined> {
  const answer = await ask('memory.used');
  return answer && Number(answer[0]);
}
