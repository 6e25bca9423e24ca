import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeptScene, SceneCache, sceneKey } from '../../lib/engine/generators/cache';
import { tempFolder } from '../support/temp';

const root = tempFolder();
const folder = join(root, 'scenes');
const defects: unknown[] = [];
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  defects.splice(0);
});

const scene = (picture = Buffer.from('a picture\nof two lines')): KeptScene => ({
  ...{ picture, engine: 'runway', model: 'gen4_image', seed: 7, warnings: [] },
  look: { width: 640, height: 480, occupied: 0 },
});

const context = (signal = new AbortController().signal) => ({
  signal,
  onProgress: jest.fn(),
  onDefect: (error: unknown) => defects.push(error),
});

/** Makes a scene and counts how often. */
function maker(made: KeptScene = scene(), milliseconds = 0) {
  return jest.fn(async (signal: AbortSignal) => {
    if (milliseconds) await sleep(milliseconds, undefined, { signal });
    return { scene: made, cost: { credits: 8 } };
  });
}

const key = (name: string) => sceneKey({ prompt: `a very private ${name}` });

test('a scene is made once: from memory, and from the disk by the next process', async () => {
  const make = maker();
  const cache = new SceneCache(folder);
  const first = await cache.take(key('kitchen'), make, context());
  expect(first).toEqual({ ...scene(), cached: false, cost: { credits: 8 } });
  rmSync(folder, { recursive: true });
  expect(await cache.take(key('kitchen'), make, context())).toMatchObject({
    cached: true,
    model: 'gen4_image',
  });

  await cache.take(key('bathroom'), make, context());
  const later = await new SceneCache(folder).take(key('bathroom'), make, context());
  expect(later).toEqual({ ...scene(), cached: true });
  expect(make).toHaveBeenCalledTimes(2);
  expect(defects).toEqual([]);
});

test('its files tell nobody what was asked for, and are the user’s own', async () => {
  await new SceneCache(folder).take(key('kitchen'), maker(), context());
  const [name, ...others] = readdirSync(folder);
  expect([name, others]).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.scene$/), []]);
  expect(readFileSync(join(folder, name), 'utf8')).not.toContain('private');
  expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  expect(statSync(folder).mode & 0o077).toBe(0);
});

test('every setting counts', () => {
  const settings = { engine: 'runway', seed: 7, settings: { model: 'x', promptText: 'a', ratio: '1:1' } };
  const others = [
    { ...settings, engine: 'gemini' },
    { ...settings, seed: 8 },
    { ...settings, settings: { ...settings.settings, model: 'y' } },
    { ...settings, settings: { ...settings.settings, promptText: 'b' } },
    { ...settings, settings: { ...settings.settings, ratio: '4:3' } },
  ];
  expect(new Set([settings, ...others].map(sceneKey)).size).toBe(6);
});

test('two who ask at the same time get one scene, and one of them pays', async () => {
  const make = maker(scene(), 30);
  const cache = new SceneCache(folder);
  const both = await Promise.all([1, 2].map(() => cache.take(key('kitchen'), make, context())));
  expect(make).toHaveBeenCalledTimes(1);
  expect(both.map(({ cached, cost }) => [cached, cost?.credits])).toEqual([
    [false, 8],
    [true, 0],
  ]);
});

test('one of two who leaves does not take it from the other; the last one ends it, and waits for its end', async () => {
  const cache = new SceneCache(folder);
  const [stay, leave] = [new AbortController(), new AbortController()];
  let ended = false;
  const make = jest.fn(async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await sleep(30);
    ended = true;
    throw signal.reason;
  });
  const staying = cache.take(key('kitchen'), make, context(stay.signal));
  const leaving = cache.take(key('kitchen'), make, context(leave.signal));
  await sleep(20);
  leave.abort(new Error('left'));
  await expect(leaving).rejects.toThrow('left');
  expect(ended).toBe(false);
  stay.abort(new Error('left, too'));
  await expect(staying).rejects.toThrow('left, too');
  expect(ended).toBe(true);

  // Whoever comes then begins anew.
  expect(await cache.take(key('kitchen'), maker(), context())).toMatchObject({ cached: false });
});

test('progress reaches all who wait', async () => {
  const cache = new SceneCache(folder);
  const waiting = [context(), context()];
  const make = async (_: AbortSignal, tell: (message: string, fraction: number) => void) => {
    await sleep(10);
    tell('at work', 0.5);
    return { scene: scene() };
  };
  await Promise.all(waiting.map((each) => cache.take(key('kitchen'), make, each)));
  for (const { onProgress } of waiting) expect(onProgress).toHaveBeenCalledWith('at work', 0.5);
});

test('a failure is not kept', async () => {
  const cache = new SceneCache(folder);
  const fail = () => Promise.reject(new Error('moderated'));
  await expect(cache.take(key('kitchen'), fail, context())).rejects.toThrow('moderated');
  expect(await cache.take(key('kitchen'), maker(), context())).toMatchObject({ cached: false });
});

test.each([
  ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
  ['of another picture', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ['empty', () => Buffer.alloc(0)],
  ['no scene', () => Buffer.from('{}\nx')],
])('a file that is %s is deleted and its scene made anew', async (_, damage) => {
  await new SceneCache(folder).take(key('kitchen'), maker(), context());
  const file = join(folder, readdirSync(folder)[0]);
  writeFileSync(file, damage(readFileSync(file)));
  const make = maker();
  await new SceneCache(folder).take(key('kitchen'), make, context());
  expect(make).toHaveBeenCalledTimes(1);
  expect(await new SceneCache(folder).take(key('kitchen'), make, context())).toMatchObject({ cached: true });
});

test('memory and disk are bounded; what is unused for longest goes first', async () => {
  const limits = { memory: 2500, disk: 4000 };
  const cache = new SceneCache(folder, limits);
  const make = maker(scene(Buffer.alloc(1000)));
  for (const [age, name] of ['a', 'b', 'c'].entries()) {
    await cache.take(key(name), make, context());
    const time = new Date(Date.now() - 60_000 + age * 1000);
    utimesSync(join(folder, `${key(name)}.scene`), time, time);
  }
  // The first one is no longer in memory; from the disk it is used again, and is the youngest then.
  expect(await cache.take(key('a'), make, context())).toMatchObject({ cached: true });
  await cache.take(key('d'), make, context());
  const there = readdirSync(folder);
  expect(there).toHaveLength(3);
  expect(there).not.toContain(`${key('b')}.scene`);
  expect(there).toContain(`${key('a')}.scene`);
});

test('a disk that refuses costs nothing but the cache', async () => {
  writeFileSync(join(root, 'file'), '');
  const cache = new SceneCache(join(root, 'file', 'scenes'));
  const make = maker();
  expect(await cache.take(key('kitchen'), make, context())).toMatchObject({ cached: false });
  expect(await cache.take(key('kitchen'), make, context())).toMatchObject({ cached: true });
  expect(defects.length).toBeGreaterThan(0);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const onFullDisk = canMount ? test : test.skip;
onFullDisk('a full disk costs nothing but the cache (skipped: needs root on Linux)', async () => {
  const place = join(root, 'small');
  mkdirSync(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', place], { stdio: 'ignore' });
  } catch {
    return console.warn('Skipped: this machine lets nobody mount a small disk.');
  }
  try {
    const cache = new SceneCache(join(place, 'scenes'));
    const large = maker(scene(Buffer.alloc(200_000, 1)));
    expect((await cache.take(key('kitchen'), large, context())).picture).toHaveLength(200_000);
    expect(defects).toEqual([expect.objectContaining({ code: 'ENOSPC' })]);
    expect(readdirSync(join(place, 'scenes'))).toEqual([]);
  } finally {
    execFileSync('umount', [place]);
  }
});
