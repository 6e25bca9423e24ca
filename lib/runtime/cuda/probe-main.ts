import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import type { Probed } from './probe';

/** Takes the process down with it, where it breaks: that is why this is one of its own. `node probe-main.js LIBRARY…` */

/** One convolution of 8 x 8 pixels, which needs cuDNN on a card; made by onnx 1.19's helpers. */
const GRAPH =
  'CAg6vgEKIgoBeAoBdxIBeSIEQ29udioRCgRwYWRzQAFAAUABQAGgAQcSBXByb2JlKlcIAggBCAMIAxABQgF3SkgAAIC/AABgvwAAQL8AACC/AAAA' +
  'vwAAwL4AAIC+AAAAvgAAAAAAAAA+AACAPgAAwD4AAAA/AAAgPwAAQD8AAGA/AACAPwAAkD9aGwoBeBIWChQIARIQCgIIAQoCCAEKAggICgIICGIb' +
  'CgF5EhYKFAgBEhAKAggBCgIIAgoCCAgKAggIQgQKABAR';
const SIDE = 8;
/** Cards multiply in TF32, whose numbers have 10 bits; values are 9 products of at most 1.125. */
const TOLERANCE = 0.02;

async function main(names: string[]): Promise<void> {
  const lost = names.filter((name) => !loads(name));
  const ort = createRequire(__filename)('onnxruntime-node') as typeof Ort;
  const cpu = await compute(ort, 'cpu');
  const cuda = await compute(ort, 'cuda');
  const differs = cpu.values && cuda.values?.some((value, i) => Math.abs(value - cpu.values![i]) > TOLERANCE);
  const probed: Probed = {
    lost,
    cpu: cpu.failure,
    cuda: cuda.failure ?? (differs ? 'it computes other values than the CPU' : undefined),
  };
  process.stdout.write(JSON.stringify(probed));
}

async function compute(
  ort: typeof Ort,
  provider: 'cpu' | 'cuda',
): Promise<{ values?: Float32Array; failure?: string }> {
  try {
    const options = { executionProviders: [provider], logSeverityLevel: 3 } as const;
    const session = await ort.InferenceSession.create(Buffer.from(GRAPH, 'base64'), options);
    const x = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i));
    const { y } = await session.run({ x: new ort.Tensor('float32', x, [1, 1, SIDE, SIDE]) });
    return { values: y.data as Float32Array };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

/** A library that was found and loaded is refused only then, as none of Node's. */
function loads(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
    return true;
  } catch (error) {
    return /did not self-register/.test((error as Error).message);
  }
}

void main(process.argv.slice(2));
