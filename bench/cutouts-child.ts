import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { loadConfig, mapLimit, parse, removeParams } from '../lib/contracts';
import { cutForCpu, derive } from '../lib/models/onnx';
import { Resources } from '../lib/pipelines';
import { removeBackground } from '../lib/pipelines/remove';

/**
 * One subject of the benches `builtin`, `cutouts` and `large` in a process of its own. It reads lines
 * `{"files": […]}`, makes a mask or cutout of each photo, writes it as a PNG, and answers
 * `{"ms", "cpuMs", "encodeMs", "peakMb"}`: the wall time and processor time of the batch, the part of it that encoding
 * took where that is known, and the peak memory so far.
 */
type Batch = (files: string[]) => Promise<{ encodeMs: number } | void>;

const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
const output = join(folder, 'mask.png');

const SUBJECTS: Record<string, (...args: string[]) => Promise<Batch>> = {
  /** The pipeline as the engine's worker runs it, that many photos in flight. */
  async ours(modelsDir, model, mode = 'mask', inFlight = '2') {
    const resources = new Resources({ ...loadConfig(), modelsDir, device: 'cpu' });
    const params = parse(removeParams, { mode, model, device: 'cpu' });
    const context = { signal: new AbortController().signal, progress: () => undefined };
    let made = 0;
    return async (files) => {
      let encodeMs = 0;
      await mapLimit(files, Number(inFlight), undefined, async (file) => {
        const tempDir = mkdtempSync(join(folder, `${made++}-`));
        const { metrics } = await removeBackground(resources, file, params, { ...context, tempDir });
        encodeMs += metrics.encode_ms;
        rmSync(tempDir, { recursive: true });
      });
      return { encodeMs };
    };
  },

  /**
   * What no pipeline can avoid: the bare run of the best graph on a tensor that is there already.
   * @param output of the derived copy to run, where one is to be made
   */
  async floor(model, output) {
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const { file } = output ? await derive(model, cutForCpu(output)) : { file: model };
    const session = await InferenceSession.create(file, {
      executionProviders: ['cpu'],
      intraOpNumThreads: availableParallelism(),
      enableMemPattern: false,
    });
    const [metadata] = session.inputMetadata;
    const dims = metadata.isTensor ? metadata.shape.map(Number) : [];
    const input = new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b)), dims);
    return async (files) => {
      for (let i = 0; i < files.length; i++)
        await session.run({ [session.inputNames[0]]: input }, [session.outputNames[0]]);
    };
  },

  /** The peer as its README says, on its own copy of the weights. */
  async imgly(installed) {
    const peer = createRequire(join(installed, 'package.json'))('@imgly/background-removal-node');
    return async (files) => {
      for (const file of files) {
        const mask: Blob = await peer.segmentForeground(pathToFileURL(file).href, {
          model: 'medium',
          output: { format: 'image/png' },
        });
        await writeFile(output, Buffer.from(await mask.arrayBuffer()));
      }
    };
  },
};

async function main([name, ...args]: string[]): Promise<void> {
  const batch = await SUBJECTS[name](...args);
  for await (const line of createInterface({ input: process.stdin })) {
    const { files } = JSON.parse(line) as { files: string[] };
    const start = performance.now();
    const before = process.cpuUsage();
    const known = await batch(files);
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    const cpuMs = (user + system) / 1000;
    const peakMb = process.resourceUsage().maxRSS / 1024;
    process.stdout.write(`${JSON.stringify({ ms, cpuMs, peakMb, ...known })}\n`);
  }
  rmSync(folder, { recursive: true });
  process.exit();
}

void main(process.argv.slice(2));
