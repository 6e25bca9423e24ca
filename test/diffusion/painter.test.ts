import type { RgbImage } from '../../lib/contracts';
import { Painter, type PaintOptions } from '../../lib/diffusion';
import type { FreeMemory } from '../../lib/diffusion/memory';
import type { Networks } from '../../lib/models';
import { nativeRuntime } from '../../lib/runtime/ort';
import { removeFolders } from '../models/support';
import { card, nvidia } from '../runtime/support';
import { SIDE, dispose, distance, flux, networksOf, product, turbo, xl } from './support';

afterAll(async () => {
  await dispose();
  removeFolders();
});

type Asked = Partial<PaintOptions>;

/** Paints, and answers with what was told and the pictures. */
async function paint(networks: Networks, changes: Asked = {}, free: FreeMemory = async () => undefined) {
  const pictures: { image: RgbImage; seed: number }[] = [];
  const steps: string[] = [];
  const painted = await new Painter(networks, free).paint({
    ...{ model: 'tiny-sd', device: 'auto', strictDevice: false, prompt: 'a mug on a marble table' },
    ...{ frame: { width: 640, height: 640 }, seeds: [1], signal: new AbortController().signal },
    onPicture: (image, seed) => void pictures.push({ image, seed }),
    onStep: (step, all) => void steps.push(`${step}/${all}`),
    ...changes,
  });
  return { ...painted, pictures, steps };
}

/** onnxruntime on the CPU, which answers with `value` in place of an output's first number from run `from` on. */
function spoiling(file: RegExp, value: number, from = 1) {
  let runs = 0;
  const opened: string[] = [];
  const runtime = {
    ...nativeRuntime,
    async create(...args: Parameters<typeof nativeRuntime.create>) {
      const native = await nativeRuntime.create(...args);
      opened.push(args[0]);
      const { inputMetadata, outputMetadata } = native;
      return {
        ...{ inputMetadata, outputMetadata, release: () => native.release() },
        async run(...feeds: Parameters<typeof native.run>) {
          const answers = await native.run(...feeds);
          if (file.test(args[0]) && ++runs === from)
            (Object.values(answers)[0].data as Float32Array)[0] = value;
          return answers;
        },
      } as never;
    },
  };
  return { runtime, opened };
}

describe('what is asked for', () => {
  test('a picture for each seed, at the size of the model, in the proportions of the frame', async () => {
    const frame = { width: 4000, height: 1000 };
    const { pictures, steps } = await paint(networksOf([turbo()]), { seeds: [3, 4], frame, steps: 2 });
    expect(pictures.map(({ seed, image }) => [seed, image.width, image.height])).toEqual([
      [3, 128, 64],
      [4, 128, 64],
    ]);
    expect(steps).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(distance(pictures[0].image.data, pictures[1].image.data)).toBeGreaterThan(20);
  });

  test('what had no effect is said', async () => {
    const asked = { steps: 20, guidance: 7.5, negativePrompt: 'people' };
    const { steps, guidance, warnings } = await paint(networksOf([turbo()]), asked);
    expect([steps.length, guidance]).toEqual([4, 1]);
    expect(warnings).toEqual([
      'tiny-sd draws in at most 4 steps: 20 would be no better.',
      'guidance_scale 7.5 had no effect: tiny-sd was trained to draw without guidance.',
      'The negative prompt had no effect: tiny-sd cannot be steered away from anything.',
    ]);
    const unguided = { model: 'tiny-xl', steps: 1, guidance: 1, negativePrompt: 'people' };
    expect((await paint(networksOf([xl()]), unguided)).warnings).toEqual([
      'The negative prompt had no effect: guidance_scale is 1.',
    ]);
    const guided = { model: 'tiny-xl', steps: 1, negativePrompt: 'people' };
    expect(await paint(networksOf([xl()]), guided)).toMatchObject({ guidance: 7.5, warnings: [] });
  });

  test('the end of a prompt that does not fit is told', async () => {
    const prompt = `${'very '.repeat(80)}long, with a naïve end`;
    const negativePrompt = 'people '.repeat(100);
    const { warnings } = await paint(networksOf([xl()]), {
      model: 'tiny-xl',
      steps: 1,
      prompt,
      negativePrompt,
    });
    expect(warnings).toEqual([
      'The prompt is longer than tiny-xl reads; left out: very very very very very long , with a naïve end',
      expect.stringMatching(/^The negative prompt is longer than tiny-xl reads; left out: (people )+.*…$/),
    ]);
  });

  test('a product to be drawn around needs an encoder', async () => {
    const { files } = turbo() as { files: { role?: string }[] };
    const blind = turbo({ files: files.filter(({ role }) => role !== 'vae_encoder') });
    await expect(paint(networksOf([blind]), { around: product() })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringContaining('one with a vae_encoder'),
    });
  });

  test('what is drawn around keeps its place, also in FLUX.2', async () => {
    const around = product();
    for (const [entry, model] of [
      [turbo(), 'tiny-sd'],
      [flux(), 'tiny-flux2'],
    ] as const) {
      const apart = await paint(networksOf([entry]), { model });
      const { pictures } = await paint(networksOf([entry]), { model, around });
      expect(pictures[0].image).toMatchObject({ width: SIDE, height: SIDE });
      expect(distance(pictures[0].image.data, apart.pictures[0].image.data)).toBeGreaterThan(10);
    }
  });

  test('a job that is cancelled ends between two steps', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const onStep = (step: number) => {
      steps.push(step);
      controller.abort();
    };
    const painted = paint(networksOf([turbo()]), { steps: 4, signal: controller.signal, onStep });
    await expect(painted).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(steps).toEqual([1]);
  });
});

describe('numbers that are not finite', () => {
  test.each([
    ['unet', NaN, 2, 'step 2 of 4'],
    ['unet', Infinity, 4, 'step 4 of 4'],
    ['vae_decoder', NaN, 1, 'decoding'],
  ])('of the %s (%d) fail the job, and the network is loaded anew', async (graph, value, from, where) => {
    const { runtime, opened } = spoiling(new RegExp(`${graph}\\.onnx$`), value, from);
    const networks = networksOf([turbo()], { runtime });
    await expect(paint(networks, { steps: 4 })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: `The generator's numbers were not finite after ${where}`,
      hint: expect.stringContaining('USE_FP16=false'),
    });
    expect(networks.loaded).toEqual([]);
    expect(opened).toHaveLength(4);
    expect(await paint(networks, { steps: 4 })).toMatchObject({ model: 'tiny-sd', device: 'cpu' });
    expect(opened).toHaveLength(8);
  });
});

describe('memory', () => {
  const sized = (entry: Record<string, unknown>, gigabytes: number) => {
    const [first, ...others] = entry.files as object[];
    return { ...entry, files: [{ ...first, aboutBytes: gigabytes * 1e9 }, ...others], workingMb: 0 };
  };
  const onlyCpu =
    (mb: number): FreeMemory =>
    async (device) =>
      device === 'cpu' ? mb : undefined;
  const large = sized(xl({ id: 'large', license: 'openrail++' }), 10);
  const small = sized(turbo({ id: 'small' }), 2);
  const half = sized(turbo({ id: 'half', precision: 'fp16' }), 2);

  test('what does not fit is refused before it is loaded, with what would', async () => {
    const { runtime, opened } = spoiling(/never/, 0);
    const networks = networksOf([large, small, half], { runtime });
    const asked = paint(networks, { model: 'large' }, onlyCpu(4000));
    await expect(asked).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: 'large needs about 11.0 GB of memory on cpu, and 4.0 GB are free',
      hint: expect.stringMatching(
        /^This would fit: small \(about 2\.2 GB on cpu, MIT\)\. End other programs/,
      ),
    });
    expect(opened).toEqual([]);
    const none = paint(networks, { model: 'small' }, onlyCpu(1000));
    await expect(none).rejects.toMatchObject({
      hint: expect.stringMatching(/^No other generator would fit/),
    });
  });

  test('half precision is unfolded on a CPU', async () => {
    const asked = paint(networksOf([half]), { model: 'half' }, async () => 4000);
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('about 4.4 GB') });
  });

  test('weights that are in memory already are not counted twice, what drawing takes is', async () => {
    const networks = networksOf([{ ...small, workingMb: 100_000 }]);
    let free = 100_000;
    await paint(networks, { model: 'small' }, async () => free);
    free = 420;
    expect(await paint(networks, { model: 'small' }, async () => free)).toMatchObject({ model: 'small' });
    free = 400;
    await expect(paint(networks, { model: 'small' }, async () => free)).rejects.toMatchObject({
      message: 'small needs about 0.4 GB of memory on cpu, and 0.4 GB are free',
    });
  });

  test('a card without room hands over to the CPU, with a warning, unless strict', async () => {
    const { runtime, sizes } = card();
    const networks = networksOf([small], { runtime, host: nvidia });
    const free: FreeMemory = async (device) => (device === 'cuda' ? 1000 : 8000);
    const strict = paint(networks, { model: 'small', device: 'cuda', strictDevice: true }, free);
    await expect(strict).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    expect(sizes).toEqual([]);
    const { device, warnings } = await paint(networks, { model: 'small', device: 'cuda' }, free);
    expect(device).toBe('cpu');
    expect(warnings).toEqual([expect.stringMatching(/on cuda, and 1\.0 GB are free\. Used cpu instead/)]);
  });

  test('a card whose memory is used up while drawing hands over to the CPU', async () => {
    let runs = 0;
    const { runtime } = card(() => (++runs === 2 ? 'out of memory' : undefined));
    const networks = networksOf([turbo()], { runtime, host: nvidia });
    const { device, warnings } = await paint(networks, { device: 'cuda' });
    expect(device).toBe('cpu');
    expect(warnings).toEqual([
      expect.stringMatching(/memory of cuda is used up by unet\.onnx.*Used cpu instead/),
    ]);
  });

  test('a picture too large to be decoded in one piece is decoded in tiles', async () => {
    const wide = turbo({ size: 512, workingMb: 0 });
    const runs = async (free: FreeMemory) => {
      const { runtime, sizes } = card();
      await paint(networksOf([wide], { runtime }), { frame: { width: 4, height: 1 } }, free);
      return sizes.length;
    };
    const whole = await runs(async () => undefined);
    expect(await runs(async () => 500)).toBe(whole + 2);
  });
});
