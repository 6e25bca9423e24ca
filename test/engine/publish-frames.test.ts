import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { VitrineError, cancelled, parse, productRow } from '../../lib/contracts';
import { FramesDelivery, type FramesTarget } from '../../lib/engine/jobs/publish-frames';
import { Supabase } from '../../lib/providers';
import { type TestSupabase, drop, refuse, startSupabase, uploads } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { tempFolder } from '../support/temp';

/** Frames on their way into a project, undisturbed and disturbed. */
const SCHEMA = `
create table products (
  id text primary key, metadata jsonb, frame_count integer, frames_url text, primary_image_url text
);
create table shop (sku text primary key, pictures text, n integer);
`;
const folder = tempFolder();
let project: TestSupabase;
let product = '';
let count = 0;

(supabaseNote ? describe.skip : describe)(`delivery to Supabase${supabaseNote}`, () => {
  beforeAll(async () => {
    project = await startSupabase(SCHEMA);
    await project.makeBucket('frames');
  });
  beforeEach(async () => {
    product = `0d2f9c1e-0000-4222-8333-${String(++count).padStart(12, '0')}`;
    await project.insert('products', { id: product, metadata: { kept: true } });
    project.passed = [];
    project.faults = [];
    project.atOnce = 0;
  });

  const base = () => `${project.url}/storage/v1/object/public/frames/${product}`;

  const open = (changes: Partial<FramesTarget> = {}, url = project.url) => {
    const signal = changes.signal ?? new AbortController().signal;
    const access = { url, key: project.key, allowHosts: ['127.0.0.1'], signal };
    return FramesDelivery.open({
      supabase: new Supabase(access),
      ...{ bucket: 'frames', productId: product, row: parse(productRow, {}), signal },
      onDefect: (error) => {
        throw error;
      },
      ...changes,
    });
  };

  /** Frames of a run, whose content tells them apart. */
  const frames = (number: number, run = 'first') => {
    const own = join(folder, `${product}-${run}`);
    mkdirSync(own, { recursive: true });
    return Array.from({ length: number }, (_, index) => {
      const file = join(own, `frame_${String(index + 1).padStart(4, '0')}.png`);
      writeFileSync(file, `${run} ${index + 1}`);
      return file;
    });
  };

  const deliver = async (files: string[], changes: Partial<FramesTarget> = {}, metadata?: object | null) => {
    const delivery = await open(changes);
    for (const file of files) await delivery.add(file);
    const primary = files[files.length >> 1];
    return delivery.publish({ primary, document: { frames: files.length }, metadata });
  };

  const stored = async () =>
    (await project.files('frames'))
      .filter((key) => key.startsWith(`${product}/`))
      .map((key) => key.split('/')[1]);
  const row = async () => (await project.rows('products')).find(({ id }) => id === product)!;
  const text = async (url: string) => (await project.fetch(url)).text();

  test('a bucket that is not public is told, a public one is not', async () => {
    await project.makeBucket('hidden', { public: false });
    const [hidden, shown] = [await open({ bucket: 'hidden' }), await open()];
    expect(hidden.warnings.join()).toContain('The bucket hidden in Supabase is not public');
    expect(shown.warnings).toEqual([]);
    await Promise.all([hidden.abandon(), shown.abandon()]);
  });

  test('the seed’s addresses: frames, a metadata file, and the row of the product', async () => {
    const published = await deliver(frames(3), {}, { brand_info: { brand_name: 'Coca-Cola' } });
    expect(published).toEqual({
      frame_count: 3,
      frames_url: `${base()}/`,
      primary_image_url: `${base()}/frame_0002.png`,
    });
    expect(await text(published.primary_image_url)).toBe('first 2');
    expect(await text(`${published.frames_url}frame_0003.png`)).toBe('first 3');
    expect(JSON.parse(await text(`${published.frames_url}metadata.json`))).toEqual({ frames: 3 });
    expect(await row()).toEqual({
      id: product,
      metadata: { brand_info: { brand_name: 'Coca-Cola' } },
      ...published,
    });
  });

  test('without metadata those of the row stay', async () => {
    await deliver(frames(1), {}, null);
    expect(await row()).toMatchObject({ metadata: { kept: true }, frame_count: 1 });
  });

  test('another table and other columns, one of them not written', async () => {
    await project.insert('shop', { sku: product });
    const names = { table: 'shop', id: 'sku', frames_url: 'pictures', frame_count: 'n' };
    const none = { metadata: '', primary_image_url: '' };
    await deliver(frames(2), { row: parse(productRow, { ...names, ...none }) }, { a: 1 });
    expect((await project.rows('shop')).find(({ sku }) => sku === product)).toEqual({
      sku: product,
      pictures: `${base()}/`,
      n: 2,
    });
    expect(await row()).toMatchObject({ frames_url: null });
  });

  test('never more than eight at once, whatever their number', async () => {
    await deliver(frames(40));
    expect(await stored()).toHaveLength(41);
    expect(project.atOnce).toBeLessThanOrEqual(8);
    expect(project.atOnce).toBeGreaterThan(2);
  });

  test('a second run replaces the first, takes its surplus away, and versions the picture that caches have', async () => {
    await deliver(frames(5));
    const published = await deliver(frames(3, 'second'));
    expect(await stored()).toEqual(['frame_0001.png', 'frame_0002.png', 'frame_0003.png', 'metadata.json']);
    expect(published.primary_image_url).toMatch(/\/frame_0002\.png\?v=[0-9a-f]{8}$/);
    expect(await text(published.primary_image_url.split('?')[0])).toBe('second 2');
    expect(await row()).toMatchObject({ ...published, frame_count: 3 });
  });

  describe.each([
    ['429', refuse(429, { message: 'Too many requests' }, { 'retry-after': '0' })],
    ['500', refuse(500, { message: 'Internal Server Error' }, { 'retry-after': '0' })],
    ['a dropped connection', drop],
  ])('%s on the way', (_, fault) => {
    test('is overcome', async () => {
      project.faults = [
        { meets: uploads, fault },
        { meets: ({ method, path }) => method === 'PATCH' && path.startsWith('/rest/'), fault },
      ];
      const published = await deliver(frames(3));
      expect(project.faults).toEqual([]);
      expect(await stored()).toHaveLength(4);
      expect(await row()).toMatchObject(published);
    });
  });

  const refused = refuse(400, { statusCode: '403', error: 'Unauthorized', message: 'row-level security' });
  const failing = (name: string) => ({
    meets: (each: { path: string }) => each.path.includes(name),
    fault: refused,
  });

  async function fail(files: string[], changes: Partial<FramesTarget> = {}) {
    const delivery = await open(changes);
    const work = async () => {
      for (const file of files) await delivery.add(file);
      await delivery.publish({ primary: files[0], document: {} });
    };
    const error = await work().then(
      () => undefined,
      (thrown) => thrown,
    );
    await delivery.abandon();
    return error;
  }

  test('a job whose upload fails leaves nothing', async () => {
    project.faults = [failing('frame_0007')];
    expect(await fail(frames(12))).toMatchObject({ code: 'PROVIDER_DENIED' });
    expect(await stored()).toEqual([]);
    expect(await row()).toMatchObject({ frames_url: null, frame_count: null });
  });

  test('a job that fails leaves the frames of an earlier one as they were', async () => {
    const before = await deliver(frames(3));
    project.faults = [failing('frame_0005')];
    expect(await fail(frames(6, 'second'))).toMatchObject({ code: 'PROVIDER_DENIED' });
    expect(await stored()).toHaveLength(4);
    for (const number of [1, 2, 3])
      expect(await text(`${base()}/frame_000${number}.png`)).toBe(`first ${number}`);
    expect(await row()).toMatchObject(before);
  });

  test('a row that cannot be changed keeps what an earlier job made and this one did not', async () => {
    await deliver(frames(5));
    project.faults = [
      { meets: ({ method, path }) => method === 'PATCH' && path.startsWith('/rest/'), fault: refused },
    ];
    expect(await fail(frames(3, 'second'))).toMatchObject({ code: 'PROVIDER_REJECTED' });
    expect(await text(`${base()}/frame_0005.png`)).toBe('first 5');
    expect(await row()).toMatchObject({ frame_count: 5 });
  });

  test('surplus that cannot be taken away is told to the log, and the job is done', async () => {
    await deliver(frames(5));
    const told: unknown[] = [];
    project.faults = [{ meets: ({ method }) => method === 'DELETE', fault: refused }];
    const delivery = await open({ onDefect: (error) => void told.push(error) });
    for (const file of frames(3, 'second')) await delivery.add(file);
    await delivery.publish({ primary: frames(1, 'second')[0], document: {} });
    expect(told).toMatchObject([{ code: 'PROVIDER_DENIED' }]);
    expect(await row()).toMatchObject({ frame_count: 3 });
  });

  test('a job that is cancelled leaves nothing, not even what was under way', async () => {
    const stop = new AbortController();
    const hold = { meets: uploads, fault: () => true };
    project.faults = [hold, hold];
    const files = frames(30);
    const delivery = await open({ signal: stop.signal });
    for (const file of files) await delivery.add(file);
    stop.abort(cancelled());
    await expect(delivery.publish({ primary: files[0], document: {} })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(delivery.add(files[0])).rejects.toBeInstanceOf(VitrineError);
    await delivery.abandon();
    expect(await stored()).toEqual([]);
  });

  test('an upload that was stored while its answer was lost is taken back, too', async () => {
    const arrived: string[] = [];
    const loseTheAnswer = (response: ServerResponse, { url }: IncomingMessage) => {
      response.writeHead = () => {
        arrived.push(url!);
        return response.destroy();
      };
      return true;
    };
    project.faults = [{ ...failing('frame_0001'), fault: loseTheAnswer }, failing('frame_0002')];
    expect(await fail(frames(2))).toMatchObject({ code: 'PROVIDER_DENIED' });
    expect(arrived).toContainEqual(expect.stringContaining('frame_0001'));
    expect(await stored()).toEqual([]);
  });

  test('what cannot be removed again is told to the log', async () => {
    const told: unknown[] = [];
    project.faults = [failing('frame_0002'), { meets: ({ method }) => method === 'DELETE', fault: refused }];
    await fail(frames(3), { onDefect: (error) => told.push(error) });
    expect(told).toEqual([expect.objectContaining({ code: 'PROVIDER_DENIED' })]);
  });

  test.each<[string, () => Partial<FramesTarget>, RegExp]>([
    ['the row', () => ({ productId: 'nobody' }), /no row with id = nobody/],
    ['the table', () => ({ row: parse(productRow, { table: 'nothing' }) }), /nothing/],
    ['the bucket', () => ({ bucket: 'nowhere' }), /no bucket nowhere/],
  ])('before any frame is made it is seen that %s is not there', async (_, changes, words) => {
    await expect(open(changes())).rejects.toThrow(words);
    expect(project.passed.filter(uploads)).toEqual([]);
  });
});
