import { type TestEngine, post, startEngine, waitFor } from '../../support/engine';
import { writePackshot } from '../../support/pictures';
import { tempFolder } from '../../support/temp';
import { heldMegabytes, peace, siege } from './siege';

/** Seconds of it; every hostile kind comes once at least. */
const SECONDS = 15;
/** Refused, too dear to decode, or gone by itself. */
const DEALT_WITH = /^(4\d\d [A-Z_]+|504 DEADLINE_EXCEEDED|gone)$/;

const onLinux = process.platform === 'linux' ? test : test.skip;
const note = process.platform === 'linux' ? '' : ' (skipped outside Linux: it reads /proc)';
const folder = tempFolder();
let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine(folder, { VITRINE_OFFLINE: 'true', VITRINE_DECODE_SECONDS: '2' });
});
afterAll(() => engine.stop());

onLinux(
  `everything hostile at once hurts no good photo, and leaves no memory behind${note}`,
  async () => {
    expect((await peace(engine.url, 5)).failures).toEqual([]);
    const before = await heldMegabytes(engine.url, engine.process.pid!);
    const { times, failures, hostile } = await siege(engine.url, SECONDS);
    expect(failures).toEqual([]);
    expect(times.length).toBeGreaterThan(16);
    for (const [name, outcomes] of Object.entries(hostile))
      expect([name, outcomes.filter((outcome) => !DEALT_WITH.test(outcome))]).toEqual([name, []]);
    await waitFor(() => engine.tempFiles().length === 0);
    expect((await heldMegabytes(engine.url, engine.process.pid!)) - before).toBeLessThan(50);
    expect((await post(`${engine.url}/background/cleanup`, await writePackshot(folder))).status).toBe(200);
  },
  300_000,
);
