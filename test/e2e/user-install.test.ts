import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { HealthProbe, quantile } from './support/health-probe';
import { N8n } from './support/n8n';
import { boxPhoto, examplePhoto, formOf, PRODUCT, readCutout } from './support/photos';
import { descendantsOf, mappedFiles } from './support/processes';
import { endAll, newHome, procScenario, scenario, withLogs } from './support/scenario';
import { webhookPath } from './support/workflows';

/** npm install in ~/.n8n/nodes, the shipped workflow imported and published, photos posted to its webhook. */
const home = newHome('user-install');
let n8n: N8n;

beforeAll(() => withLogs(async () => void (n8n = await N8n.start({ home: home.folder }))));
afterAll(endAll);

async function cutOut(photo: Buffer): Promise<Buffer> {
  const response = await n8n.webhook(webhookPath('shipped'), () => formOf({ photo }));
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200)
    throw new Error(`The webhook answered ${response.status}: ${body.toString().slice(0, 500)}`);
  expect(response.headers.get('content-type')).toBe('image/png');
  return body;
}

scenario('cuts a red box out of its backdrop', async () => {
  const cutout = await readCutout(await cutOut(await boxPhoto(1200, 900)));

  expect([cutout.width, cutout.height]).toEqual([1200, 900]);
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
    [0.5, 0.1],
  ])
    expect(cutout.at(x, y).alpha).toBe(0);
  const centre = cutout.at(0.5, 0.5);
  expect(centre.alpha).toBe(255);
  for (const channel of ['r', 'g', 'b'] as const) {
    expect(Math.abs(centre[channel] - PRODUCT[channel])).toBeLessThanOrEqual(24);
  }
  expect(cutout.alpha.filter((value) => value > 127).length / cutout.alpha.length).toBeCloseTo(0.25, 2);
});

scenario('cuts out an example photo as its true alpha says', async () => {
  const cutout = await readCutout(await cutOut(await readFile(examplePhoto)));

  const truth = await sharp(examplePhoto.replace(/\.jpg$/, '.alpha.png'))
    .extractChannel(0)
    .raw()
    .toBuffer();
  expect(cutout.alpha.length).toBe(truth.length);
  let inBoth = 0;
  let inEither = 0;
  for (let i = 0; i < truth.length; i++) {
    const [ours, theirs] = [cutout.alpha[i] > 127, truth[i] > 127];
    if (ours && theirs) inBoth++;
    if (ours || theirs) inEither++;
  }
  expect(inBoth / inEither).toBeGreaterThan(0.9);
});

scenario('answers with the reason when a photo cannot be read', async () => {
  const form = () => formOf({ photo: Buffer.from('This is no picture.') });
  const response = await n8n.webhook(webhookPath('shipped'), form);

  expect(response.status).toBe(422);
  const { error, details } = (await response.json()) as {
    error: string;
    details: { code: string; hint: string };
  };
  expect(error).toBeTruthy();
  expect(details).toEqual({
    code: expect.stringMatching(/^(INVALID_IMAGE|UNSUPPORTED_FORMAT)$/),
    hint: expect.stringMatching(/\w/),
  });
});

procScenario('loads neither onnxruntime nor sharp into n8n', async () => {
  await cutOut(await boxPhoto(600, 400));

  const [engine] = home.enginePids();
  const native = /onnxruntime|libvips|sharp/;
  const engineTree = [engine, ...descendantsOf(engine)];
  const n8nTree = [n8n.pid, ...descendantsOf(n8n.pid)].filter((pid) => !engineTree.includes(pid));
  for (const pid of n8nTree) expect(mappedFiles(pid).filter((file) => native.test(file))).toEqual([]);
  // The same look at the worker finds them, so it would have found them in n8n.
  const worker = mappedFiles(await home.worker(engine)).filter((file) => native.test(file));
  expect(worker).not.toEqual([]);
});

scenario('keeps n8n answering its health check within 100 ms (p99) during 20 jobs', async () => {
  const photo = await boxPhoto(4000, 3000);
  await cutOut(photo);
  // What else the machine does only ever adds to the latency, so one of three runs within the bound shows it.
  let p99 = Infinity;
  for (let run = 1; run <= 3 && p99 >= 100; run++) p99 = Math.min(p99, await p99DuringJobs(photo, 20, 4));
  expect(p99).toBeLessThan(100);
});

/** The 99th percentile of n8n's health check, in ms, while `callers` have `jobs` photos cut out. */
async function p99DuringJobs(photo: Buffer, jobs: number, callers: number): Promise<number> {
  const probe = new HealthProbe(n8n.url);
  let left = jobs;
  const caller = async () => {
    while (left-- > 0) await cutOut(photo);
  };
  const started = Date.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const latencies = await probe.stop();
  const p99 = quantile(latencies, 0.99);
  process.stderr.write(
    `/healthz during ${jobs} jobs of 12 MP: ${latencies.length} probes in ${((Date.now() - started) / 1000).toFixed(1)} s, ` +
      `median ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${quantile(latencies, 1).toFixed(1)} ms\n`,
  );
  expect(latencies.length).toBeGreaterThanOrEqual(200);
  return p99;
}
