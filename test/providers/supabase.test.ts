import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Supabase, type SupabaseAccess, storageKey } from '../../lib/providers';
import { type TestSupabase, drop, refuse, startSupabase, uploads } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { tempFolder } from '../support/temp';

/** Files and rows of a real backend of Supabase's API, and what may go wrong on the way to it. */
const SCHEMA = `
create table products (
  id uuid primary key,
  metadata jsonb,
  frame_count integer,
  frames_url text
);
create table closed (id text primary key, note text);
alter table closed enable row level security;
create policy "seen" on closed for select to anon using (true);
`;
const ID = '0d2f9c1e-1111-4222-8333-944445555666';
const folder = tempFolder();
let project: TestSupabase;

(supabaseNote ? describe.skip : describe)(`a Supabase project${supabaseNote}`, () => {
  beforeAll(async () => {
    project = await startSupabase(SCHEMA, 'pglite');
    await project.makeBucket('frames');
    await project.makeBucket('small', { file_size_limit: 1000 });
    await project.makeBucket('pictures', { allowed_mime_types: ['image/png'] });
    await project.insert('products', { id: ID });
    await project.insert('closed', { id: 'a', note: 'as it was' });
  });
  beforeEach(() => {
    project.passed = [];
    project.faults = [];
    project.atOnce = 0;
  });

  const supabase = (changes: Partial<SupabaseAccess> = {}) =>
    new Supabase({
      ...{ url: project.url, key: project.key, allowHosts: ['127.0.0.1'] },
      signal: new AbortController().signal,
      ...changes,
    });

  /** What a failed call throws; nothing in it, however deep, may hold the key. */
  async function failureOf(work: Promise<unknown>, key = project.key) {
    const error = await work.then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ name: 'VitrineError', hint: expect.stringMatching(/\w{3,}/) });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(key);
    return error;
  }

  const file = (name: string, content: string | Buffer = `content of ${name}`) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  describe('files', () => {
    test('are uploaded, seen by everybody at the seed’s address, listed, downloaded and removed', async () => {
      const client = supabase();
      await client.upload('frames', `${ID}/frame_0001.png`, file('a.png'), 'image/png');
      await client.upload('frames', `${ID}/deep/er/b.json`, Buffer.from('{}'), 'application/json');
      await client.upload('frames', `${ID}0/other.png`, Buffer.from('other'), 'image/png');

      expect(client.publicUrl('frames', `${ID}/`)).toBe(
        `${project.url}/storage/v1/object/public/frames/${ID}/`,
      );
      const seen = await project.fetch(client.publicUrl('frames', `${ID}/frame_0001.png`));
      expect(seen.headers.get('content-type')).toBe('image/png');
      expect(await seen.text()).toBe('content of a.png');

      const listed = await client.list('frames', ID);
      expect(listed).toEqual([
        { key: `${ID}/deep/er/b.json`, bytes: 2 },
        { key: `${ID}/frame_0001.png`, bytes: 16 },
      ]);
      const here = join(folder, 'downloaded.json');
      await client.download('frames', `${ID}/deep/er/b.json`, here);
      expect(readFileSync(here, 'utf8')).toBe('{}');

      await client.remove('frames', [...listed.map(({ key }) => key), `${ID}/never-there.png`]);
      expect(await client.list('frames', ID)).toEqual([]);
      expect(await client.list('frames')).toHaveLength(1);
    });

    test('a second one of the same key takes the place of the first', async () => {
      const client = supabase();
      await client.upload('frames', 'twice.txt', Buffer.from('one'), 'text/plain');
      await client.upload('frames', 'twice.txt', Buffer.from('two'), 'text/plain');
      expect(await (await project.fetch(client.publicUrl('frames', 'twice.txt'))).text()).toBe('two');
    });

    test('a key that an address would change arrives as it is', async () => {
      const client = supabase();
      const key = storageKey('100 % & more/Größe+42 (2).png');
      await client.upload('frames', key, Buffer.from('odd'), 'image/png');
      expect((await client.list('frames', key.split('/')[0])).map((each) => each.key)).toEqual([key]);
      expect(await (await project.fetch(client.publicUrl('frames', key))).text()).toBe('odd');
    });

    test('more than a page of them are all listed, and those of folders that Supabase only names', async () => {
      const inside = (count: number) =>
        Array.from({ length: count }, (_, index) => ({ id: `${index}`, name: `f${index}`, metadata: {} }));
      const page = (entries: object[]) => ({ meets: () => true, fault: refuse(200, entries) });
      project.faults = [
        page([...inside(999), { id: null, name: 'sub', metadata: null }]),
        page([{ id: 'x', name: 'last.png', metadata: { size: 7 } }]),
        page([
          { id: 'y', name: 'in-sub.png', metadata: { size: 8 } },
          { id: 'z', name: '.emptyFolderPlaceholder', metadata: { size: 0 } },
        ]),
      ];
      const listed = await supabase().list('frames', 'set');
      expect(listed).toHaveLength(1001);
      expect(listed.slice(-2)).toEqual([
        { key: 'set/last.png', bytes: 7 },
        { key: 'set/sub/in-sub.png', bytes: 8 },
      ]);
    });
  });

  describe('rows', () => {
    test('are changed, the id being a text or a number', async () => {
      await supabase().updateRow('products', 'id', ID, { metadata: { a: [1] }, frame_count: 3 });
      expect(await project.rows('products')).toEqual([
        { id: ID, metadata: { a: [1] }, frame_count: 3, frames_url: null },
      ]);
      await supabase().checkRow('products', 'id', ID, ['metadata', 'frames_url']);
    });

    const absent = ID.replace(/^0/, '1');

    test('one that is not there is told', async () => {
      for (const call of [
        supabase().checkRow('products', 'id', absent),
        supabase().updateRow('products', 'id', absent, { frame_count: 3 }),
      ]) {
        const error = await failureOf(call);
        expect(error.code).toBe('PROVIDER_REJECTED');
        expect(error.message).toContain(`products of Supabase has no row with id = ${absent}`);
      }
    });

    test('one that a policy lets be seen and not be changed is told', async () => {
      const client = supabase({ key: project.publishableKey });
      await client.checkRow('closed', 'id', 'a');
      const error = await failureOf(
        client.updateRow('closed', 'id', 'a', { note: 'changed' }),
        project.publishableKey,
      );
      expect(error.message).toContain('has no row with id = a that this key may change');
      expect(await project.rows('closed')).toEqual([{ id: 'a', note: 'as it was' }]);
    });

    test.each([
      ['a table', () => supabase().updateRow('product', 'id', ID, {}), /product \(PGRST205\): .*'?product/],
      ['a column', () => supabase().updateRow('products', 'id', ID, { frames: 3 }), /frames/],
      [
        'a column that is only asked for',
        () => supabase().checkRow('products', 'id', ID, ['frames']),
        /frames/,
      ],
      ['an id of its type', () => supabase().checkRow('products', 'id', 'p-1'), /uuid.*p-1/],
    ])('%s that is not there is named', async (_, call, words) => {
      const error = await failureOf(call());
      expect(error.code).toBe('PROVIDER_REJECTED');
      expect(error.message).toMatch(words);
      expect(project.passed).toHaveLength(1);
    });
  });

  const upload = (bucket: string, content = 'x', changes: Partial<SupabaseAccess> = {}, type = 'image/png') =>
    supabase(changes).upload(bucket, 'k.png', Buffer.from(content), type);

  describe('what Supabase refuses is told, and not tried again', () => {
    test.each<[string, () => Promise<unknown>, string, RegExp]>([
      ['a bucket that is not there', () => upload('nowhere'), 'PROVIDER_REJECTED', /no bucket nowhere/],
      [
        'a wrong key',
        () => upload('frames', 'x', { key: 'sb_secret_wrong-0123456789' }),
        'PROVIDER_DENIED',
        /key/,
      ],
      [
        'a type that the bucket does not take',
        () => upload('pictures', 'x', {}, 'application/json'),
        'PROVIDER_REJECTED',
        /pictures of Supabase does not take k\.png/,
      ],
      [
        'a file that is not there',
        () => supabase().download('frames', 'no.png', join(folder, 'no')),
        'PROVIDER_REJECTED',
        /no file no\.png/,
      ],
    ])('%s', async (_, call, code, words) => {
      const error = await failureOf(call());
      expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
      expect(project.passed).toHaveLength(1);
      expect(readdirSync(folder).filter((name) => /^no\b|\.part$/.test(name))).toEqual([]);
    });

    test('a wrong key for a table', async () => {
      const error = await failureOf(
        supabase({ key: 'sb_secret_wrong-0123456789' }).checkRow('products', 'id', ID),
      );
      expect(error.code).toBe('PROVIDER_DENIED');
    });

    test('a key of everybody: which policies it lacks', async () => {
      const error = await failureOf(
        upload('frames', 'x', { key: project.publishableKey }),
        project.publishableKey,
      );
      expect(error.code).toBe('PROVIDER_DENIED');
      expect(error.message).toMatch(/bucket frames: .*row-level security/);
      expect(error.hint).toMatch(/INSERT, SELECT, UPDATE/);
    });

    test.each([
      ['of the bucket', 'small', 2000, /2\.0 kB.*the bucket small has a limit of 1\.0 kB/],
      ['of the project', 'frames', 2_000_000, /1\.9 MB.*the limit of the whole project/],
    ])('a file over the limit %s', async (_, bucket, bytes, words) => {
      const error = await failureOf(upload(bucket, 'x'.repeat(bytes)));
      expect(error.code).toBe('PROVIDER_REJECTED');
      expect(error.message).toMatch(words);
    });

    test.each(['two words', 'line\nend', ''])('the key %j is sent nowhere', async (key) => {
      expect(() => supabase({ key })).toThrow('did not accept the key');
      expect(project.passed).toEqual([]);
    });

    test('an address inside is reached only where it is allowed', async () => {
      expect((await failureOf(upload('frames', 'x', { allowHosts: [] }))).code).toBe('ADDRESS_BLOCKED');
      const { port } = new URL(project.url);
      const url = `http://169.254.169.254:${port}`;
      expect((await failureOf(upload('frames', 'x', { url, allowHosts: ['169.254.0.0/16'] }))).code).toBe(
        'ADDRESS_BLOCKED',
      );
      expect(project.passed).toEqual([]);
    });

    test('a way to somewhere else is not gone', async () => {
      project.faults = [{ meets: uploads, fault: refuse(302, {}, { location: 'http://127.0.0.1:1/' }) }];
      expect((await failureOf(upload('frames'))).message).toMatch(/points elsewhere/);
    });

    test('an answer that is none of Supabase’s', async () => {
      project.faults = [{ meets: uploads, fault: (response) => void response.writeHead(200).end('<html>') }];
      expect((await failureOf(upload('frames'))).message).toMatch(/something else/);
    });
  });

  describe('what passes is tried again', () => {
    const soon = { 'retry-after': '0' };

    test.each([
      ['429', refuse(429, { message: 'Too many requests' }, soon)],
      ['500', refuse(500, { message: 'Internal Server Error' }, soon)],
      [
        '544 behind a 400',
        refuse(400, { statusCode: '544', error: 'DatabaseTimeout', message: 'Slow' }, soon),
      ],
      ['429 behind a 400', refuse(400, { statusCode: '429', error: 'SlowDown', message: 'Slow' }, soon)],
      ['a dropped connection', drop],
    ])('%s', async (_, fault) => {
      project.faults = [{ meets: uploads, fault }];
      await upload('frames', 'after all');
      expect(project.passed.filter(uploads)).toHaveLength(2);
      expect(await (await project.fetch(supabase().publicUrl('frames', 'k.png'))).text()).toBe('after all');

      project.faults = [{ meets: ({ path }) => path.startsWith('/rest/'), fault }];
      await supabase().updateRow('products', 'id', ID, { frame_count: 9 });
      expect((await project.rows('products'))[0].frame_count).toBe(9);
    });

    test('a busy project without end is given up, and says for how long', async () => {
      project.faults = Array.from({ length: 9 }, () => ({
        meets: uploads,
        fault: refuse(429, { message: 'Too many requests' }, soon),
      }));
      expect((await failureOf(upload('frames'))).code).toBe('PROVIDER_BUSY');
      expect(project.passed).toHaveLength(5);
    });

    test('one that answers nothing', async () => {
      project.faults = [{ meets: uploads, fault: () => undefined }];
      await upload('frames', 'late', { timeoutSeconds: 5 });
      expect(project.passed).toHaveLength(2);
    });

    test('hanging up ends it', async () => {
      project.faults = [{ meets: uploads, fault: () => undefined }];
      const stop = new AbortController();
      const work = failureOf(upload('frames', 'x', { signal: stop.signal }));
      setTimeout(() => stop.abort(), 100);
      expect((await work).code).toBe('CANCELLED');
    });
  });
});

describe('keys', () => {
  test.each([
    ['uuid-1/frame_0001.png', 'uuid-1/frame_0001.png'],
    ['a b/(1)&c.png', 'a b/(1)&c.png'],
    ['Größe 42/é.png', /^Grosse 42-[0-9a-f]{8}\/e-[0-9a-f]{8}\.png$/],
    ['日本.png', /^[0-9a-f]{8}\.png$/],
    ['50%?.png', /^50-[0-9a-f]{8}\.png$/],
    [`${'x'.repeat(300)}.png`, /^x{80}-[0-9a-f]{8}\.png$/],
  ])('%s', (path, key) => {
    if (typeof key === 'string') expect(storageKey(path)).toBe(key);
    else expect(storageKey(path)).toMatch(key);
    expect(storageKey(path)).toBe(storageKey(path));
  });

  test('two names never become one', () => {
    const names = ['日本', '中国', 'ü', 'u', 'ú', 'u-', '%', '?'];
    expect(new Set(names.map(storageKey)).size).toBe(names.length);
  });

  test.each(['', 'a//b', '/a', 'a/', '../a', 'a/./b', 'a/ /b'])('%j leads nowhere', (path) => {
    expect(() => storageKey(path)).toThrow('Expected a path in Supabase Storage');
  });
});
