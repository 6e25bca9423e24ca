import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mapLimit } from '../../lib/contracts';
import { type TestEngine, post, startEngine } from '../support/engine';
import { type Color, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const PHOTOS = 300;
const WARM_UP = 20;
const CLIENTS = 4;
const MB = 1024 * 1024;

const folder = tempFolder();
let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine(folder);
});
afterAll(() => engine.stop());

/** Resident bytes of a process (Linux). */
function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

test(
  `${PHOTOS} photos leave memory where ${WARM_UP} left it, and no temp file`,
  async () => {
    const sizes = [
      [320, 240],
      [600, 900],
      [1200, 800],
      [1600, 1600],
    ];
    const photos = await mapLimit(sizes, 1, undefined, ([width, height], index) =>
      writePackshot(folder, `photo-${index}.jpg`, { width, height, product: [200, 40 * index, 60] as Color }),
    );
    const modes = ['transparent', 'soften', 'mask', 'color'];
    const cleanup = async (from: number, to: number) =>
      mapLimit(Array.from({ length: to - from }), CLIENTS, undefined, async (_, offset) => {
        const index = from + offset;
        const mode = modes[Math.floor(index / sizes.length) % modes.length];
        const response = await post(`${engine.url}/background/cleanup`, photos[index % photos.length], {
          mode,
        });
        expect(response.status).toBe(200);
        const { artifacts } = await response.json();
        await fetch(artifacts.output, { method: 'DELETE' });
      });
    const resident = () => residentBytes(engine.process.pid!) + residentBytes(engine.workerPid());

    await cleanup(0, WARM_UP);
    const warm = resident();
    await cleanup(WARM_UP, PHOTOS);
    expect((resident() - warm) / MB).toBeLessThan(50);
    expect(engine.tempFiles()).toEqual([]);
    expect(readdirSync(join(folder, 'output'))).toEqual([]);
  },
  10 * 60_000,
);
