import { nativeRuntime } from '../../../lib/runtime/ort';
import { dispose, flux, networksOf, open, turbo, xl } from '../../diffusion/support';
import { removeFolders } from '../support';

afterAll(async () => {
  await dispose();
  removeFolders();
});

type Files = { role?: string; sources: string[] }[];
const filesOf = (entry: object) => (entry as { files: Files }).files;
const named = (entry: object, role: string) => filesOf(entry).find((file) => file.role === role)!;
/** An entry with one role's file changed for another, or left out. */
const swapped = (entry: Record<string, unknown>, role: string, file?: object) => {
  const files = filesOf(entry).filter((each) => each.role !== role);
  return { ...entry, files: file ? [...files, { ...file, role }] : files };
};

describe('entries that do not fit their graphs are refused by name', () => {
  test.each([
    ['a denoiser that is none', swapped(turbo(), 'unet', named(turbo(), 'vae_decoder')), /no input sample/],
    [
      'a decoder that is none',
      swapped(turbo(), 'vae_decoder', named(turbo(), 'unet')),
      /no input latent_sample/,
    ],
    [
      'an encoder that is none',
      swapped(turbo(), 'vae_encoder', named(turbo(), 'text_encoder')),
      /no input sample/,
    ],
    ['SDXL without its second encoder', swapped(xl(), 'text_encoder_2'), /which only a text_encoder_2 has/],
    [
      'SDXL with an encoder that hides its layers',
      swapped(xl(), 'text_encoder', named(turbo(), 'text_encoder')),
      /no outputs hidden_states\.0/,
    ],
    ['padding that is no token', turbo({ padding: ['<pad>'] }), /<\|endoftext\|> and <pad> among them/],
    [
      'FLUX.2 with another transformer',
      swapped(flux(), 'transformer', named(turbo(), 'unet')),
      /no input hidden_states/,
    ],
    [
      'FLUX.2 with another tokenizer',
      swapped(flux(), 'tokenizer', named(turbo(), 'vocab')),
      /Qwen's tokenizer/,
    ],
  ])('%s', async (_, entry, message) => {
    const opened = open(networksOf([entry]), (entry as unknown as { id: string }).id);
    await expect(opened).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(message),
    });
  });

  test('a second encoder that says nothing of the whole text', async () => {
    const entry = swapped(xl(), 'text_encoder_2', named(xl(), 'text_encoder'));
    const { network } = await open(networksOf([entry]), 'tiny-xl');
    await expect(network.read('a mug', { width: 64, height: 64 })).rejects.toMatchObject({
      message: expect.stringContaining('no output text_embeds in its text_encoder_2'),
    });
  });

  test.each([
    [
      'no vocabulary',
      swapped(turbo(), 'vocab'),
      /one for each role \(text_encoder, unet, vae_decoder, vocab, merges\)/,
    ],
    ['two denoisers', turbo({ files: [...filesOf(turbo()), named(turbo(), 'unet')] }), /one for each role/],
    ['an unknown role', swapped(turbo(), 'controlnet', named(turbo(), 'unet')), /files\.\d+\.role/],
    ['an unknown scheduler', turbo({ scheduler: 'ddim' }), /scheduler to be euler, euler-ancestral or lcm/],
    ['no steps', turbo({ steps: {} }), /steps\.default to be a whole number from 1 to 100/],
  ])('%s', async (_, entry, message) => {
    await expect(networksOf([entry]).registry()).rejects.toThrow(message);
  });
});

test('what is not needed may be left out', async () => {
  const entry = swapped(turbo(), 'vae_encoder');
  const { network, graphs } = await open(networksOf([entry]), 'tiny-sd');
  expect(Object.keys(graphs).sort()).toEqual(['text_encoder', 'unet', 'vae_decoder']);
  expect(network.encode).toBeUndefined();
  expect(network).toMatchObject({ size: 64, channels: 4, cell: 8, guidance: undefined, fixed: undefined });
});

test.each([
  ['int32', Int32Array, [500]],
  ['int64', BigInt64Array, [500n]],
  ['float32', Float32Array, [500]],
  // 500 in half precision.
  ['float16', Uint16Array, [0x5fd0]],
])('a size and a type (%s) that the graph fixes are read from it', async (type, array, expected) => {
  const fed: { data: ArrayLike<unknown>; dims: readonly number[] }[] = [];
  const runtime = {
    tensor: (value: never) => value,
    async create(...args: Parameters<typeof nativeRuntime.create>) {
      const native = await nativeRuntime.create(...args);
      const isUnet = args[0].endsWith('unet.onnx');
      const change = (input: (typeof native.inputMetadata)[number]) =>
        isUnet && input.name === 'sample'
          ? { ...input, shape: [1, 4, 4, 16] }
          : isUnet && input.name === 'timestep'
            ? { ...input, type, shape: [] }
            : input;
      return {
        inputMetadata: native.inputMetadata.map(change as never),
        outputMetadata: native.outputMetadata,
        release: () => native.release(),
        async run({ timestep }: Record<string, (typeof fed)[number]>) {
          fed.push(timestep);
          return { out_sample: { type: 'float32', data: new Float32Array(4), dims: [1, 4, 1, 1] } };
        },
      } as never;
    },
  };
  const { network } = await open(networksOf([turbo()], { runtime }), 'tiny-sd');
  expect(network.fixed).toEqual({ width: 128, height: 32 });
  const latents = { data: new Float32Array(4), channels: 4, width: 1, height: 1 };
  await network.predict(latents, 500, [{ feeds: {} }], 1);
  expect(fed[0].data).toBeInstanceOf(array);
  expect(Array.from(fed[0].data)).toEqual(expected);
  expect(fed[0].dims).toEqual([]);
});
