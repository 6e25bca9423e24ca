import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../../lib/contracts';
import reference from '../reference/u2netp.json';
import { openGraph } from '../runtime/support';
import { grid } from './support';

/**
 * The network of the package, which models/u2netp/derive.js made, against the published one that it was made from
 * (test/reference/u2netp.py).
 */
const network = join(packageRoot, 'models', 'u2netp', 'u2netp.onnx');
const { size } = reference;

/** One channel of a PNG of examples/, thinned out to the network's size. */
async function channel(name: string, number: 0 | 1 | 2): Promise<number[]> {
  const picture = sharp(join(packageRoot, 'examples', name))
    .extractChannel(number)
    .raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return grid(data, info.width, info.height, size);
}

/** The product on white as the reference script feeds it. */
async function tensor(name: string): Promise<Float32Array> {
  const cover = await channel(`${name}.alpha.png`, 0);
  const means = [0.485, 0.456, 0.406];
  const deviations = [0.229, 0.224, 0.225];
  const channels = ([0, 1, 2] as const).map(async (number) => {
    const colours = await channel(`${name}.foreground.png`, number);
    return colours.map((value, i) => {
      const onWhite = Math.floor((value * cover[i] + 255 * (255 - cover[i])) / 255);
      return (onWhite / 255 - means[number]) / deviations[number];
    });
  });
  return Float32Array.from((await Promise.all(channels)).flat());
}

test('says which published file it was made from', () => {
  expect(readFileSync(network).subarray(0, 128).toString('latin1')).toContain(`:${reference.sha256}:0`);
});

test('answers as the published network does, with that one output', async () => {
  const { session } = await openGraph({ modelFile: network, device: 'cpu', threads: 1 });
  try {
    const [[input], [output, ...others]] = [session.inputs, session.outputs];
    expect([input.shape, output.shape, others]).toEqual([[1, 3, size, size], [1, 1, size, size], []]);
    for (const [name, samples] of Object.entries(reference.answers)) {
      const data = await tensor(name);
      const feeds = { [input.name]: { type: 'float32' as const, data, dims: [1, 3, size, size] } };
      const answer = (await session.run(feeds, [output.name]))[output.name].data as Float32Array;
      const theirs = Buffer.from(samples, 'base64');
      const off = grid(answer, size, size, reference.grid).map((value, i) =>
        Math.abs(value - theirs.readUInt16LE(2 * i) / 65535),
      );
      expect({ name, off: Math.max(...off) }).toEqual({ name, off: expect.closeTo(0, 4) });
    }
  } finally {
    await session.release();
  }
});
