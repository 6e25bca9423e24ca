import type { Device } from '../../lib/contracts';
import { SessionPool } from '../../lib/runtime';
import type { PoolRequest } from '../../lib/runtime/pool';
import { graph } from '../models/support';
import { fakeRuntime, libraryMissing, nvidia } from './support';

const modelFile = graph('logits');

/** A request for a network of one graph. */
const of = (device: Device, changes: Partial<PoolRequest> & { modelFile?: string } = {}): PoolRequest => {
  const file = changes.modelFile ?? modelFile;
  return { graphs: async () => ({ graph: { modelFile: file } }), key: file, device, ...changes };
};

describe('session pool', () => {
  test('concurrent and later callers share one session per network and device', async () => {
    const runtime = fakeRuntime();
    const pool = new SessionPool({ runtime, host: nvidia, threads: 2 });
    const opened = await Promise.all([1, 2, 3].map(() => pool.get(of('cpu'))));
    opened.push(await pool.get(of('cpu', { strictDevice: true, allowed: ['cpu'] })));
    expect(new Set(opened.map(({ sessions }) => sessions.graph)).size).toBe(1);
    expect(runtime.created).toHaveLength(1);
    expect(runtime.created[0].intraOpNumThreads).toBe(2);
    await pool.get(of('cuda'));
    await pool.get(of('cpu', { modelFile: graph('outputs') }));
    expect(runtime.created).toHaveLength(3);
    await pool.dispose();
    expect(runtime.released).toBe(3);
  });

  test('a fallback shares the CPU session and repeats its warning', async () => {
    const runtime = fakeRuntime(libraryMissing('cuda'));
    const pool = new SessionPool({ runtime, host: nvidia });
    const cpu = await pool.get(of('cpu'));
    const first = await pool.get(of('cuda'));
    const second = await pool.get(of('cuda'));
    expect(first.sessions.graph).toBe(cpu.sessions.graph);
    expect(second.warnings).toHaveLength(1);
    expect(second.warnings).toEqual(first.warnings);
    expect(runtime.created).toHaveLength(2);
    await expect(pool.get(of('cuda', { strictDevice: true }))).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
    });
    await pool.dispose();
    expect(runtime.released).toBe(1);
  });

  test('a card whose memory was taken is tried again after a minute, with its own words until then', async () => {
    // As onnxruntime 1.30 said it on an NVIDIA H200.
    const words =
      '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 std::conditional_t<THRW, void, onnxruntime::common::Status> ' +
      'onnxruntime::CudaCall(ERRTYPE, const char*) [with ERRTYPE = cudaError; bool THRW = true; SUCCTYPE = cudaError] ' +
      'CUDA failure 2: out of memory ; GPU=0 ; hostname=box ; file=/onnxruntime_src/cuda_execution_provider.cc ; line=325 ; expr=cudaSetDevice(0);';
    let taken = true;
    let now = 0;
    const runtime = fakeRuntime((provider) => {
      if (provider === 'cuda' && taken) throw new Error(words);
    });
    const pool = new SessionPool({ runtime, host: nvidia }, () => now);
    const first = await pool.get(of('cuda'));
    expect(first.device).toBe('cpu');
    expect(first.warnings).toEqual([
      expect.stringMatching(
        /^The memory of cuda is used up by .*: CUDA failure 2: out of memory *\. Used cpu instead/,
      ),
    ]);
    taken = false;
    now += 59_000;
    expect((await pool.get(of('cuda'))).device).toBe('cpu');
    now += 2_000;
    const later = await pool.get(of('cuda'));
    expect([later.device, later.warnings]).toEqual(['cuda', []]);
    await pool.dispose();
  });

  test('what failed is tried anew', async () => {
    let failures = 1;
    const runtime = fakeRuntime(() => {
      if (failures-- > 0) throw new Error('busy');
    });
    const pool = new SessionPool({ runtime, host: nvidia });
    const request = of('cuda', { strictDevice: true });
    const both = await Promise.allSettled([pool.get(request), pool.get(request)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(runtime.created).toHaveLength(1);
    expect((await pool.get(request)).device).toBe('cuda');
    await pool.dispose();
  });

  test('dispose releases what is still being opened, and ends the pool', async () => {
    const runtime = fakeRuntime();
    const { create } = runtime;
    const begun = new Promise<void>((resolve) => {
      runtime.create = async (...args) => {
        resolve();
        await new Promise(setImmediate);
        return create(...args);
      };
    });
    const pool = new SessionPool({ runtime, host: nvidia });
    const opening = pool.get(of('cpu'));
    await begun;
    await pool.dispose();
    await opening;
    expect(runtime.released).toBe(1);
    expect(() => pool.get(of('cpu'))).toThrow('after dispose');
  });
});
