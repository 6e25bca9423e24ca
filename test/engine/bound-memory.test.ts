import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { builtFile, loadConfig } from '../../lib/contracts';
import { WorkerPool } from '../../lib/engine';
import { workersOf } from '../support/engine';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const linux = process.platform === 'linux' ? test : test.skip;

test('a process that takes more memory than it may ends itself and says why', async () => {
  const bound = JSON.stringify(builtFile('lib/engine/workers/bound-memory.js'));
  const script = `
    require(${bound}).boundMemory(process.memoryUsage.rss() / 1e6 + 200);
    const held = [];
    setInterval(() => held.push(Buffer.alloc(20e6, 1)), 20);
    setTimeout(() => process.exit(0), 30e3);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  expect(said).toMatch(/ends itself: it takes \d+ MB of the \d+ MB/);
});

linux('a worker is the first that the system ends where memory runs out', async () => {
  const config = { ...loadConfig({ VITRINE_OFFLINE: 'true' }), tempDir: folder, modelsDir: folder };
  const pool = new WorkerPool(config);
  try {
    await pool.warmUp();
    const score = (pid: number | string) => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
    expect(score(workersOf(process.pid)[0])).toBeGreaterThan(score('self'));
  } finally {
    await pool.close();
  }
});
