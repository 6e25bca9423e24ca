import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const home = join(folder, 'home');
const tools = join(folder, 'tools');

/** Runs `vitrine gpu` where nothing else is on PATH than an nvidia-smi that says this. */
function gpu(said: string, ...args: string[]) {
  mkdirSync(tools, { recursive: true });
  const script = join(tools, 'nvidia-smi');
  writeFileSync(script, `#!/bin/sh\necho '${said}'\n`);
  chmodSync(script, 0o755);
  const env = { ...process.env, PATH: tools, VITRINE_HOME: home };
  const command = [builtFile('lib/cli/main.js'), 'gpu', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

(process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip)(
  'vitrine gpu (skipped outside Linux on x64)',
  () => {
    test('says what the machine has, and what is missing', () => {
      const { status, stderr } = gpu('580.65, NVIDIA L4, 8.9', 'status');
      expect(status).toBe(0);
      expect(stderr).toContain('NVIDIA driver 580.65: NVIDIA L4 (compute capability 8.9)\n');
      expect(stderr).toContain('No pip of Python is here');
      expect(stderr).toContain(
        `CUDA libraries: none in ${join(home, 'cuda')}. "vitrine gpu install" brings them.`,
      );
    });

    test('says it to programs', () => {
      const { stdout } = gpu('535.1, NVIDIA L4, 8.9', 'status', '--json');
      expect(JSON.parse(stdout)).toMatchObject({
        state: 'absent',
        driver: '535.1',
        cards: [{ name: 'NVIDIA L4', capability: 8.9 }],
        unfinished: 0,
        obstacle: { code: 'DEVICE_UNAVAILABLE', message: expect.stringContaining('needs 580 or newer') },
      });
    });

    test('fetches nothing for a driver or a card that cannot use it, or without pip', () => {
      const old = gpu('535.1, NVIDIA L4, 8.9', 'install');
      expect([old.status, old.stderr]).toEqual([1, expect.stringContaining('535.1 is too old')]);
      const card = gpu('580.65, Tesla P100, 6.0', 'install', '--json');
      expect(JSON.parse(card.stdout)).toEqual({
        error: {
          code: 'DEVICE_UNAVAILABLE',
          message: 'Tesla P100 has compute capability 6.0, and CUDA 13 needs 7.5 or more',
          hint: expect.stringContaining('webgpu'),
        },
      });
      expect([card.status, card.stderr]).toEqual([1, expect.stringContaining('compute capability 6.0')]);
      const { status, stderr } = gpu('580.65, NVIDIA L4, 8.9', 'install', '--yes');
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /pip, which fetches the CUDA libraries, is not here \(python3 -m pip: not found/,
      );
      expect(stderr).toContain('docs/gpu.md');
    });

    test('remove takes away what is there', () => {
      mkdirSync(join(home, 'cuda.partial', 'wheels'), { recursive: true });
      writeFileSync(join(home, 'cuda.partial', 'wheels', 'half'), Buffer.alloc(2e6));
      expect(JSON.parse(gpu('', 'remove', '--json').stdout)).toEqual({ freed: 2e6 });
      expect(readdirSync(home)).toEqual([]);
      expect(gpu('', 'remove').stderr).toBe('Nothing was here\n');
    });
  },
);
