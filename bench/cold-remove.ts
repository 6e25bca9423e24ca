import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Metrics, type RemoveResult, builtFile, packageRoot, packagedModelsDir } from '../lib/contracts';
import { interleave, median } from './measure';

/**
 * From the start of `vitrine remove` to its end, the cutout written, with nothing downloaded; beside it a process that
 * does nothing and a bare run of u2netp.
 */
export async function coldRemove(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const jobs: Metrics[] = [];
  try {
    const times = await interleave(
      {
        remove: async () => jobs.push(remove(folder).metrics),
        nothing: async () => node(['-e', '0']),
        network: await bareRun(),
      },
      rounds,
    );
    const [whole, nothing, network] = [times.remove, times.nothing, times.network].map(median);
    const job = (part: keyof Metrics) => median(jobs.slice(1).map((metrics) => metrics[part] ?? 0));
    const ms = (value: number) => `${Math.round(value)} ms`;
    console.log(`vitrine remove, cold    ${ms(whole)}`);
    console.log(`  ${(whole / nothing).toFixed(1)}x node -e 0, which takes ${ms(nothing)}`);
    console.log(`  ${(whole / network).toFixed(1)}x a bare run of u2netp, which takes ${ms(network)}`);
    console.log(`  the job itself        ${ms(job('elapsed_ms'))}, of which loading ${ms(job('load_ms'))}`);
    console.log(`  processes around it   ${ms(whole - job('elapsed_ms'))}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function remove(folder: string): RemoveResult {
  const photo = join(packageRoot, 'examples', 'packshots', 'mug.jpg');
  const out = join(folder, 'mug.png');
  const env = { VITRINE_HOME: folder, VITRINE_TEMP_DIR: folder, VITRINE_OFFLINE: 'true' };
  return JSON.parse(node([builtFile('lib/cli/main.js'), 'remove', photo, '--out', out, '--json'], env));
}

async function bareRun(): Promise<() => Promise<unknown>> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(join(packagedModelsDir, 'u2netp', 'u2netp.onnx'), {
    executionProviders: ['cpu'],
    intraOpNumThreads: availableParallelism(),
    enableMemPattern: false,
  });
  const input = new Tensor('float32', new Float32Array(3 * 320 * 320), [1, 3, 320, 320]);
  return () => session.run({ [session.inputNames[0]]: input }, [session.outputNames[0]]);
}

/** Runs a process to its end, and gives back what it printed. */
function node(args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}
