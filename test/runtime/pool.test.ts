import { SessionPool } from '../../lib/runtime';
import { graph } from '../models/support';
import { fakeRuntime, libraryMissing, nvidia } from './support';

const modelFile = graph('logits');

describe('session pool', () => {
  test('concurrent and later callers share one session per network and device', async () => {
    const runtime = fakeRuntime();
    const pool = new SessionPool({ runtime, host: nvidia, threads: 2 });
    const opened = await Promise.all([1, 2, 3].map(() => pool.get({ modelFile, device: 'cpu' })));
    opened.push(await pool.get({ modelFile, device: 'cpu', strictDevice: true, allowed: ['cpu'] }));
    expect(new Set(opened.map(({ session }) => session)).size).toBe(1);
    expect(runtime.created).toHaveLength(1);
    expect(runtime.created[0].intraOpNumThreads).toBe(2);
    await pool.get({ modelFile, device: 'cuda' });
    await pool.get({ modelFile: graph('outputs'), device: 'cpu' });
    expect(runtime.created).toHaveLength(3);
    await pool.dispose();
    expect(runtime.released).toBe(3);
  });

  test('a fallback shares the CPU session and repeats its warning', async () => {
    const runtime = fakeRuntime(libraryMissing('cuda'));
    const pool = new SessionPool({ runtime, host: nvidia });
    const cpu = await pool.get({ modelFile, device: 'cpu' });
    const first = await pool.get({ modelFile, device: 'cuda' });
    const second = await pool.get({ modelFile, device: 'cuda' });
    expect(first.session).toBe(cpu.session);
    expect(second.warnings).toHaveLength(1);
    expect(second.warnings).toEqual(first.warnings);
    expect(runtime.created).toHaveLength(2);
    await expect(pool.get({ modelFile, device: 'cuda', strictDevice: true })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
    });
    await pool.dispose();
    expect(runtime.released).toBe(1);
  });

  test('what failed is tried anew', async () => {
    let failures = 1;
    const runtime = fakeRuntime(() => {
      if (failures-- > 0) throw new Error('busy');
    });
    const pool = new SessionPool({ runtime, host: nvidia });
    const request = { modelFile, device: 'cuda', strictDevice: true } as const;
    const both = await Promise.allSettled([pool.get(request), pool.get(request)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(runtime.created).toHaveLength(1);
    expect((await pool.get(request)).session.device).toBe('cuda');
    await pool.dispose();
  });

  test('dispose releases what is still being opened, and ends the pool', async () => {
    const runtime = fakeRuntime();
    const pool = new SessionPool({ runtime, host: nvidia });
    const opening = pool.get({ modelFile, device: 'cpu' });
    await pool.dispose();
    await opening;
    expect(runtime.released).toBe(1);
    expect(() => pool.get({ modelFile, device: 'cpu' })).toThrow('after dispose');
  });
});
