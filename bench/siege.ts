import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Siege, heldMegabytes, peace, siege } from '../test/engine/load/siege';
import { EngineProcess } from './engine';

const SECONDS = Number(process.env.VITRINE_BENCH_SECONDS ?? 120);

/**
 * 16 callers with good photos, first alone, then for two minutes beside one who sends each hostile kind in turn and
 * one who hangs up in mid-job (Linux). Promised: no good photo fails, the 95th percentile of their time stays under
 * three times that of the quiet minutes, memory ends within 50 MB of where it began.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const engine = await EngineProcess.start(folder);
  try {
    await peace(engine.url, SECONDS / 4);
    const before = await heldMegabytes(engine.url, engine.pid);
    const quiet = await peace(engine.url, SECONDS / 2);
    const besieged = await siege(engine.url, SECONDS);
    const after = await heldMegabytes(engine.url, engine.pid);
    report('quiet', quiet);
    report('besieged', besieged);
    console.log(`p95 besieged / quiet  ${(p95(besieged.times) / p95(quiet.times)).toFixed(2)}`);
    console.log(`memory                ${Math.round(before)} MB, then ${Math.round(after)} MB`);
    for (const [name, outcomes] of Object.entries(besieged.hostile))
      console.log(`  ${name}: ${[...new Set(outcomes)].join(', ')} (${outcomes.length} times)`);
  } finally {
    await engine.end();
    rmSync(folder, { recursive: true });
  }
}

function report(name: string, { times, failures }: Siege): void {
  console.log(
    `${name}: ${times.length} good photos, p95 ${Math.round(p95(times))} ms, ${failures.length} failed`,
  );
  for (const failure of new Set(failures)) console.log(`  ${failure}`);
}

function p95(times: number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
}
