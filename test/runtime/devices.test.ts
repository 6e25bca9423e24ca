import { candidates, deviceStates, RUN_DEVICES, thisHost, type Host } from '../../lib/runtime';
import { DEVICE_TABLE } from '../../lib/runtime/devices';
import { CUDA_LIBRARY, host, linux, nvidia } from './support';

const mac = host('darwin', 'arm64');
const windows = host('win32', 'x64');
const cardWithoutLibrary = host('linux', 'x64', ['/dev/nvidia0']);

const usable = (machine?: Host) =>
  deviceStates(machine)
    .filter(({ missing }) => missing === undefined)
    .map(({ device }) => device);

describe('device table', () => {
  test('every device has the CPU as its last provider', () => {
    for (const device of RUN_DEVICES) expect(DEVICE_TABLE[device].providers.at(-1)).toBe('cpu');
  });

  test.each([
    ['Linux without a card', linux, ['cpu']],
    ['Linux with an NVIDIA card and the CUDA library', nvidia, ['cpu', 'cuda', 'webgpu']],
    ['Linux with an NVIDIA card only', cardWithoutLibrary, ['cpu', 'webgpu']],
    ['Linux with another card', host('linux', 'x64', ['/dev/dri']), ['cpu', 'webgpu']],
    ['Linux on ARM with a card', host('linux', 'arm64', ['/dev/nvidia0', CUDA_LIBRARY]), ['cpu']],
    ['an Apple-silicon Mac', mac, ['cpu', 'webgpu', 'coreml']],
    ['Windows', windows, ['cpu', 'webgpu', 'dml']],
  ])('%s offers what it has', (_name, machine, devices) => {
    expect(usable(machine)).toEqual(devices);
  });

  test('this machine offers at least the CPU', () => {
    expect(usable()).toContain('cpu');
    expect(thisHost()).toMatchObject({ platform: process.platform, arch: process.arch });
  });

  test.each([
    [linux, ['cpu']],
    [nvidia, ['cuda', 'cpu']],
    [cardWithoutLibrary, ['cuda', 'cpu']],
    [mac, ['coreml', 'cpu']],
    [windows, ['dml', 'cpu']],
  ])('auto tries the best device first (%#)', (machine, devices) => {
    expect(candidates('auto', false, undefined, machine)).toEqual(devices);
  });

  test('a named device falls back to the CPU, and strictly to nothing', () => {
    expect(candidates('webgpu', false, undefined, nvidia)).toEqual(['webgpu', 'cpu']);
    expect(candidates('webgpu', true, undefined, nvidia)).toEqual(['webgpu']);
    expect(candidates('cpu', false, undefined, nvidia)).toEqual(['cpu']);
    expect(candidates('auto', true, undefined, nvidia)).toEqual(['cuda']);
  });

  test('only devices that the network runs on are tried', () => {
    expect(candidates('auto', false, ['cpu'], nvidia)).toEqual(['cpu']);
    expect(candidates('auto', false, ['cuda'], nvidia)).toEqual(['cuda']);
    expect(candidates('cuda', false, ['cuda'], nvidia)).toEqual(['cuda']);
    expect(candidates('auto', false, ['cuda'], linux)).toEqual(['cuda']);
  });
});
