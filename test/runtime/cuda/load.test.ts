import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadConfig, packageRoot, parse, removeParams } from '../../../lib/contracts';
import { WorkerPool, Workspace } from '../../../lib/engine';
import { CUDA_PACK, cudaEnvironment, cudaState, probeCuda, thisHost } from '../../../lib/runtime';
import { otherBuild, providerFolder } from '../../../lib/runtime/ort';
import { manifestOf } from '../../../lib/runtime/cuda/store';
import { workersOf } from '../../support/engine';
import { writePackshot } from '../../support/pictures';
import { tempFolder } from '../../support/temp';

const folder = tempFolder();
const home = join(folder, 'home');
const cuda = join(home, 'cuda');
const LIBRARY = 'libonnxruntime.so.1';

test('the CUDA build is of the very onnxruntime that the package has', () => {
  const version = createRequire(__filename)('onnxruntime-node/package.json').version as string;
  expect(CUDA_PACK.onnxruntime).toBe(version);
  expect(CUDA_PACK.wheels[0]).toMatchObject({ name: 'onnxruntime-gpu', version });
  const { dependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  expect(dependencies['onnxruntime-node']).toBe(version);
});

(process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip)(
  'loading (skipped outside Linux on x64)',
  () => {
    /** A home that looks as an installation leaves it; its onnxruntime is the package's own. */
    beforeAll(() => {
      mkdirSync(cuda, { recursive: true });
      copyFileSync(join(providerFolder()!, LIBRARY), join(cuda, LIBRARY));
      const files = { [LIBRARY]: statSync(join(cuda, LIBRARY)).size };
      writeFileSync(join(cuda, 'manifest.json'), JSON.stringify(manifestOf(CUDA_PACK, files)));
    });

    test('the environment names the libraries of a home that has them, and of no other', () => {
      expect(cudaState(home).state).toBe('ready');
      expect(cudaEnvironment(home)).toEqual({ LD_LIBRARY_PATH: expect.stringMatching(`^${cuda}`) });
      expect(cudaEnvironment(folder)).toEqual({});
      expect(thisHost(home)).toMatchObject({ providerFolder: cuda, cudaBuild: true });
      expect(thisHost(folder)).toMatchObject({ providerFolder: providerFolder(), cudaBuild: false });
      expect(otherBuild(`/nowhere::${cuda}:${folder}`)).toBe(cuda);
      expect(otherBuild(undefined)).toBeUndefined();
    });

    test('a worker takes onnxruntime from the home, and computes by it', async () => {
      const config = { ...loadConfig({ VITRINE_HOME: home, VITRINE_OFFLINE: 'true' }), tempDir: folder };
      const pool = new WorkerPool(config);
      const workspace = new Workspace(folder);
      await workspace.prepare();
      try {
        const file = await writePackshot(folder);
        const params = parse(removeParams, { model: 'u2netp', device: 'cpu' });
        const { device } = await workspace.withFolder((inner) =>
          pool.run('remove', { file, params }, { folder: inner }),
        );
        expect(device).toBe('cpu');
        const maps = readFileSync(`/proc/${workersOf(process.pid)[0]}/maps`, 'utf8');
        expect(maps).toContain(join(cuda, LIBRARY));
        expect(maps).not.toContain(join(providerFolder()!, LIBRARY));
      } finally {
        await pool.close();
        await workspace.dispose();
      }
    });

    test('the trial really loads and computes, and names what it does not find', async () => {
      const { lost, cpu, cuda: failure } = await probeCuda(cuda, ['libc.so.6', 'libno-such.so.7']);
      expect(lost).toEqual(['libno-such.so.7']);
      expect(cpu).toBeUndefined();
      expect(failure).toMatch(/libonnxruntime_providers_shared\.so: cannot open shared object file/);
    });

    test('a library that is broken is told of, and takes nobody along', async () => {
      const broken = join(folder, 'broken');
      mkdirSync(broken);
      writeFileSync(join(broken, LIBRARY), 'no library');
      expect(await probeCuda(broken, [])).toMatchObject({
        cpu: expect.stringMatching(/too short|invalid ELF/),
      });
    });
  },
);
