import { spawnSync } from 'node:child_process';
import { builtFile } from '../../lib/contracts';

const SERVER = ['fastify', '@fastify/swagger', 'pino', 'prom-client'];
const NETWORK = ['axios', 'request-filtering-agent', 'npm-registry-fetch', '@npmcli/config', 'tar'];
const NATIVE = ['sharp', 'onnxruntime-node'];

/** The packages that a built file has loaded by its end, in a process of its own. */
function packagesOf(file: string, ...args: string[]): string[] {
  const code = `
    process.on('exit', () => console.log(JSON.stringify(Object.keys(require.cache))));
    require(process.argv[1]);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code, builtFile(file), ...args], {
    encoding: 'utf8',
  });
  const files: string[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? stderr);
  const names = files.map(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path.replaceAll('\\', '/'))?.[1],
  );
  return [...new Set(names)].filter((name) => name !== undefined);
}

/** Those of `unwanted` that a command loads. */
const loaded = (unwanted: string[], ...args: [string, ...string[]]) => {
  const packages = packagesOf('lib/cli/main.js', ...args);
  expect(packages).toContain('commander');
  return packages.filter((name) => unwanted.includes(name));
};

describe('a command loads what it needs itself', () => {
  test('remove: neither the server, nor what downloads, nor anything native', () => {
    const args = ['nothere.jpg', '-o', 'out.png'];
    expect(loaded([...SERVER, ...NETWORK, ...NATIVE], 'remove', ...args)).toEqual([]);
  });

  test('process: the same', () => {
    const args = ['nothere.json', '-o', 'out'];
    expect(loaded([...SERVER, ...NETWORK, ...NATIVE], 'process', ...args)).toEqual([]);
  });

  test('replace: the same', () => {
    const args = ['nothere.jpg', '-o', 'out.png'];
    expect(loaded([...SERVER, ...NETWORK, ...NATIVE], 'replace', ...args)).toEqual([]);
  });

  test('augment: the same', () => {
    expect(loaded([...SERVER, ...NETWORK, ...NATIVE], 'augment', 'nothere')).toEqual([]);
  });

  test('models: no server', () => {
    expect(loaded(SERVER, 'models', 'path')).toEqual([]);
  });

  test('serve: the server, and nothing native', () => {
    expect(loaded([...SERVER, ...NATIVE], 'serve', '--help').sort()).toEqual([...SERVER].sort());
  });
});

test('a worker loads what downloads, and what reads presets, only when it does so', () => {
  const packages = packagesOf('lib/pipelines/index.js');
  expect(packages).toContain('sharp');
  expect(
    packages.filter((name) => [...NETWORK, ...SERVER, 'proper-lockfile', 'yaml'].includes(name)),
  ).toEqual([]);
});

test('--help knows every command', () => {
  const { stdout } = spawnSync(process.execPath, [builtFile('lib/cli/main.js'), '--help'], {
    encoding: 'utf8',
  });
  for (const name of [
    'remove',
    'replace',
    'segment',
    'augment',
    'process',
    'models',
    'serve',
    'doctor',
    'help',
  ]) {
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  }
});
