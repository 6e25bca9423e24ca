import { Readable } from 'node:stream';
import { VitrineError, parse, removeParams, type RemoveResult } from '../../lib/contracts';
import { engineClient, type EngineJob, type JobOptions, type JobSource } from '../../lib/engine/client';
import { loadPack, oneNode, runWorkflow, useBinaryMode, type RunOptions } from './support/n8n';

jest.mock('../../lib/engine/client', () => ({ engineClient: jest.fn() }));

/** How the node words what the client throws; the client itself is played here. */
const refusal = new VitrineError({
  code: 'CLUTTERED_BACKGROUND',
  message: 'The backdrop of this photo is not plain',
  hint: 'Use a photo with a plain backdrop, or another model.',
});

const RESULT: RemoveResult = {
  mode: 'transparent',
  model: 'plain',
  device: 'cpu',
  artifacts: { output: 'http://127.0.0.1/download/a.png' },
  format: 'png',
  width: 2,
  height: 2,
  bbox: [0, 0, 2, 2],
  coverage: 1,
  confidence: 1,
  unsure: false,
  warnings: [],
  metrics: { elapsed_ms: 1, decode_ms: 0, infer_ms: 0, refine_ms: 0, encode_ms: 0 },
};

let pack: Awaited<ReturnType<typeof loadPack>>;
type Remove = (source: JobSource, params: object, options?: JobOptions) => Promise<EngineJob<'remove'>>;
let remove: jest.MockedFunction<Remove>;
let discard: jest.Mock;

beforeAll(async () => {
  await useBinaryMode('default');
  pack = await loadPack();
});

beforeEach(() => {
  jest.clearAllMocks();
  discard = jest.fn(async () => undefined);
  remove = jest.fn<ReturnType<Remove>, Parameters<Remove>>(async () => ({
    result: RESULT,
    download: async () => Readable.from([Buffer.from('png')]),
    discard,
  }));
  const run = jest.fn((_job, { files, params }, options) => remove(files.file, params, options));
  jest.mocked(engineClient).mockReturnValue({
    run: run as never,
    presets: jest.fn(),
    pipelines: jest.fn(),
    models: jest.fn(),
    health: jest.fn(),
  });
});

const photo = { content: Buffer.from('a photo'), fileName: 'mug.jpg', mimeType: 'image/jpeg' };
const items = ['a', 'b', 'c'].map((sku) => ({ json: { sku }, files: { data: photo } }));

async function run(node: Parameters<typeof oneNode>[1] = {}, options: RunOptions = {}) {
  return await runWorkflow(pack, oneNode({ options: { itemsInParallel: 1 } }, node), { items, ...options });
}

it('shows what happened as the message, how to mend it as the description, and the item', async () => {
  remove.mockImplementation(async () => {
    if (remove.mock.calls.length === 2) throw refusal;
    return { result: RESULT, download: async () => Readable.from([Buffer.from('png')]), discard };
  });
  const error = (await run()).error('Remove Background')!;
  expect(error.name).toBe('NodeOperationError');
  expect(error.message).toBe(refusal.message);
  expect(error.description).toBe(refusal.hint);
  expect(error.context?.itemIndex).toBe(1);
  expect(remove).toHaveBeenCalledTimes(2);
});

it('puts the error, its code and its hint into the item when set to continue', async () => {
  remove.mockRejectedValueOnce(refusal);
  const output = (await run({ onError: 'continueRegularOutput' })).output('Remove Background');
  expect(output[0]).toEqual({
    json: { error: refusal.message, details: { code: refusal.code, hint: refusal.hint } },
    pairedItem: { item: 0 },
  });
  expect(output.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
  expect(output[1].json.model).toBe('plain');
});

it('sends failed items to the error output, with their photo and their fields', async () => {
  remove.mockImplementation(async (source) => {
    if (remove.mock.calls.length === 2) throw refusal;
    expect(source).toMatchObject({ fileName: 'mug.jpg', mimeType: 'image/jpeg', size: photo.content.length });
    return { result: RESULT, download: async () => Readable.from([Buffer.from('png')]), discard };
  });
  const done = await run({ onError: 'continueErrorOutput' });
  expect(done.output('Remove Background', 0)).toHaveLength(2);
  const [failed, ...others] = done.output('Remove Background', 1);
  expect(others).toEqual([]);
  expect(failed.json).toEqual({
    sku: 'b',
    error: refusal.message,
    details: { code: refusal.code, hint: refusal.hint },
  });
  expect(failed.binary?.data.fileName).toBe('mug.jpg');
});

it('keeps the words of an error that is not its own', async () => {
  remove.mockRejectedValueOnce(new Error('the store of files is not mounted'));
  expect((await run()).error('Remove Background')!.message).toBe('the store of files is not mounted');
});

it('discards the files on the engine, even when one cannot be fetched', async () => {
  remove.mockResolvedValueOnce({ result: RESULT, download: async () => Promise.reject(refusal), discard });
  expect((await run()).error('Remove Background')!.message).toBe(refusal.message);
  expect(discard).toHaveBeenCalledTimes(1);
});

it('hands the whole request to the client, with its own defaults spelled out', async () => {
  await run();
  const [, params, options] = remove.mock.calls[0];
  // Which are those that the node shows: test/nodes/parameters.test.ts.
  expect(params).toEqual(parse(removeParams, { enhance_fg: false }));
  expect(options).toMatchObject({ timeoutSeconds: 300 });
  expect(options!.signal!.aborted).toBe(false);
});

const runWith = (options: object) => runWorkflow(pack, oneNode({ options }), { items });

it.each([
  [{ decontaminate: true }, 'blur-fusion'],
  [{ decontaminate: false }, 'off'],
  [{ decontaminate: true, decontaminationMethod: 'multi-level' }, 'multi-level'],
  [{ decontaminate: false, decontaminationMethod: 'multi-level' }, 'off'],
])('understands saved options %j', async (options, method) => {
  await runWith(options);
  expect(remove.mock.calls[0][1]).toMatchObject({ decontaminate: method });
});

it('hands on the thresholds of alpha matting', async () => {
  await runWith({ alphaMatting: true, alphaMattingErodeSize: 4 });
  expect(remove.mock.calls[0][1]).toMatchObject({
    alpha_matting: true,
    alpha_matting_foreground_threshold: 240,
    alpha_matting_background_threshold: 10,
    alpha_matting_erode_size: 4,
  });
});

it('tells the editor what goes on, and warns once after the run', async () => {
  const warnings = ['cuda is not there: cpu was used'];
  remove.mockImplementation(async (_source, _params, options) => {
    options!.onProgress!({ stage: 'decode', fraction: 0 });
    options!.onProgress!({ stage: 'decode', fraction: 0.1 });
    options!.onProgress!({ stage: 'infer', fraction: 0.2 });
    const result = { ...RESULT, warnings };
    return { result, download: async () => Readable.from([Buffer.from('png')]), discard };
  });
  const messages: string[] = [];
  const done = await run({}, { items: items.slice(0, 2), onMessage: (message) => messages.push(message) });
  expect(messages).toEqual([
    'Remove Background: item 1 of 2, decode (0%)',
    'Remove Background: item 1 of 2, infer (20%)',
    'Remove Background: item 1 of 2 done by plain on cpu in 1 ms',
    'Remove Background: item 2 of 2, decode (0%)',
    'Remove Background: item 2 of 2, infer (20%)',
    'Remove Background: item 2 of 2 done by plain on cpu in 1 ms',
  ]);
  expect(done.hints('Remove Background')).toEqual(warnings);
});

it('sends no messages outside of the editor', async () => {
  const messages: string[] = [];
  await run({}, { mode: 'trigger', onMessage: (message) => messages.push(message) });
  expect(messages).toEqual([]);
});

it('tells the engine to stop when the run is cancelled, and works on no further item', async () => {
  let cancel = () => undefined as void;
  let stopped: unknown;
  remove.mockImplementation(async (_source, _params, options) => {
    queueMicrotask(cancel);
    await new Promise((resolve) => options!.signal!.addEventListener('abort', resolve));
    stopped = options!.signal!.reason;
    throw VitrineError.from(stopped);
  });
  const done = await run({ onError: 'continueRegularOutput' }, { onStart: (stop) => (cancel = stop) });
  expect(done.run.status).toBe('canceled');
  expect(stopped).toBeDefined();
  expect(remove).toHaveBeenCalledTimes(1);
});

it('answers no items with no items, without asking an engine', async () => {
  const done = await run({}, { items: [] });
  expect(done.run.status).toBe('success');
  expect(engineClient).not.toHaveBeenCalled();
});
