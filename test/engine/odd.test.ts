import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../lib/contracts';
import { type TestEngine, post, startEngine } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const SECONDS = 30;
const PEAK_MB = 1500;

const data = join(resolve(packageRoot, process.env.VITRINE_TEST_DATA ?? '../shared/data'), 'odd');
const files = existsSync(data)
  ? readdirSync(data)
      .filter((folder) => folder.startsWith('img_'))
      .flatMap((folder) => readdirSync(join(data, folder)).map((name) => join(folder, name)))
  : [];
const folder = tempFolder();
let engine: TestEngine;

/** Highest resident megabytes that a process has had (Linux). */
function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

(files.length ? describe : describe.skip)(
  'odd pictures through the engine (skipped without VITRINE_TEST_DATA)',
  () => {
    beforeAll(async () => {
      engine = await startEngine(folder);
    });
    afterAll(() => engine?.stop());

    test.each(files)('%s gives a picture or a clear error', async (file) => {
      const signal = AbortSignal.timeout(SECONDS * 1000);
      const response = await post(`${engine.url}/background/cleanup`, join(data, file), {}, {}, signal);
      const answer = await response.json();
      if (response.status === 200) {
        expect(answer.width * answer.height).toBeGreaterThan(0);
        expect((await fetch(answer.artifacts.output, { method: 'DELETE' })).status).toBe(204);
      } else {
        expect(['INTERNAL', 'WORKER_DIED', 'DEADLINE_EXCEEDED']).not.toContain(answer.error.code);
        expect(answer.error.message).toMatch(/\w{3,}/);
        expect(answer.error.hint).toMatch(/\w{3,}/);
      }
    });

    test('the same engine and worker live on, within their memory', async () => {
      const response = await post(`${engine.url}/background/cleanup`, await writePackshot(folder));
      expect(response.status).toBe(200);
      expect(peakMegabytes(engine.workerPid())).toBeLessThan(PEAK_MB);
      expect(engine.tempFiles()).toEqual([]);
      expect(engine.log()).not.toContain('ended unexpectedly');
    });
  },
);
