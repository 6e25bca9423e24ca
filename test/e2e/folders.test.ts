import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import sharp from 'sharp';
import { writeClip } from '../support/clip';
import { DataFolder, type WorkflowFile, nodeOf, publishCallable } from './support/automations';
import { Editor } from './support/editor';
import { N8n, cloneUserFolder } from './support/n8n';
import { boxPhoto } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { root } from './support/settings';

/** The automations that work on folders, as a shop runs them, with a call in place of their schedules. */
let data: DataFolder;
let n8n: N8n;
let editor: Editor;

beforeAll(() =>
  withLogs(async () => {
    data = new DataFolder('folders-data');
    n8n = await N8n.start({
      ...{ folder: cloneUserFolder('folders'), home: newHome('folders-home').folder },
      env: { VITRINE_OFFLINE: '1', FFMPEG_PATH: ffmpeg, N8N_RESTRICT_FILE_ACCESS_TO: data.path },
    });
    editor = await Editor.setUp(n8n);
  }),
);
beforeEach(() => data.empty());
afterAll(endAll);

/** Publishes a file as it ships, but for folders, trigger and `change`; gives what runs it. */
function publish(file: string, trigger: string, change?: (workflow: WorkflowFile) => void) {
  const workflow = data.read(file);
  change?.(workflow);
  return publishCallable({ n8n, editor }, workflow, trigger);
}

const ask = (path: string, init?: RequestInit) =>
  fetch(`${n8n.url}/webhook/${path}`, { redirect: 'manual', ...init });
const decide = (page: string, id: string, decision: string) =>
  ask(`${page}/decision`, { method: 'POST', body: new URLSearchParams({ id, decision }) });

/** What waits on a page: IDs by their captions. */
async function waiting(page: string): Promise<Record<string, string>> {
  const response = await ask(page);
  expect(response.headers.get('content-type')).toContain('text/html');
  const html = await response.text();
  const found = html.matchAll(/picture\?id=(\d+)"><figcaption>(.*?)<\/figcaption>/g);
  return Object.fromEntries([...found].map(([, id, caption]) => [caption, id]));
}

scenario('new photos become cutouts and white pictures, each once; refused ones are set aside', async () => {
  data.make('photos', 'cutouts', 'white', 'refused');
  writeFileSync(data.at('photos/mug.jpg'), await boxPhoto(320, 240));
  writeFileSync(data.at('photos/notes.jpg'), 'no photo');
  const run = await publish('new-photos-nightly.json', 'Every Night');
  expect(await run()).toBe(200);
  const made = () => ['cutouts', 'white', 'refused'].map((folder) => data.list(folder));
  expect(made()).toEqual([['mug.png'], ['mug.jpg'], ['notes.jpg']]);
  const white = sharp(data.at('white/mug.jpg'));
  expect(await white.metadata()).toMatchObject({ width: 2000, height: 2000, format: 'jpeg' });
  const rim = await white.extract({ left: 0, top: 0, width: 2000, height: 20 }).raw().toBuffer();
  expect(rim.every((value) => value === 255)).toBe(true);

  for (const folder of ['cutouts', 'white', 'refused']) data.empty(folder);
  copyFileSync(join(root, 'examples/packshots/mug.jpg'), data.at('photos/cup.jpg'));
  expect(await run()).toBe(200);
  expect(made()).toEqual([['cup.png'], ['cup.jpg'], []]);
});

scenario('where the engine could not work the run fails, and the photo is not taken for done', async () => {
  data.make('photos', 'cutouts', 'white', 'refused');
  writeFileSync(data.at('photos/late.jpg'), await boxPhoto(200, 160));
  const run = await publish('new-photos-nightly.json', 'Every Night', (workflow) => {
    workflow.id = 'e2eNoModel000001';
    nodeOf(workflow, 'Remove Background').parameters.model = 'birefnet';
  });
  expect([await run(), await run()]).toEqual([500, 500]);
  expect([data.list('cutouts'), data.list('refused')]).toEqual([[], []]);
});

scenario('photos that share a name, or lie in folders below, have results of their own', async () => {
  data.make('photos/shelf', 'cutouts', 'white', 'refused');
  for (const [index, name] of ['mug.jpg', 'mug.png', 'cup.jpg', 'shelf/cup.jpg'].entries())
    writeFileSync(data.at('photos', name), await sharp(await boxPhoto(200 + 40 * index, 160)).toBuffer());
  writeFileSync(data.at('photos/shelf/notes.jpg'), 'no photo');
  const run = await publish('new-photos-nightly.json', 'Every Night', (workflow) => {
    workflow.id = 'e2eAlike00000001';
    const { parameters } = nodeOf(workflow, 'Read Photos');
    parameters.fileSelector = String(parameters.fileSelector).replace('/*.', '/**/*.');
  });
  expect(await run()).toBe(200);
  expect(data.list('cutouts')).toEqual(['cup.png', 'mug.jpg.png', 'mug.png.png', 'shelf-cup.png']);
  expect(data.list('white')).toEqual(['cup.jpg', 'mug.jpg.jpg', 'mug.png.jpg', 'shelf-cup.jpg']);
  expect(data.list('refused')).toEqual(['shelf-notes.jpg']);
  for (const folder of ['cutouts', 'white', 'refused']) data.empty(folder);
  expect(await run()).toBe(200);
  expect(['cutouts', 'white', 'refused'].flatMap((folder) => data.list(folder))).toEqual([]);
});

scenario(
  'a folder becomes white squares; what is of no use is set aside, what could not be done is not',
  async () => {
    data.make('photos', 'cutouts', 'refused');
    writeFileSync(data.at('photos/mug.jpg'), await boxPhoto(200, 150));
    writeFileSync(
      data.at('photos/mug.png'),
      await sharp(await boxPhoto(90, 120))
        .png()
        .toBuffer(),
    );
    writeFileSync(data.at('photos/notes.jpg'), 'no photo');
    const run = await publish('remove-background-folder.json', 'Every Night');
    expect(await run()).toBe(200);
    expect([data.list('cutouts'), data.list('refused')]).toEqual([
      ['mug.jpg.jpg', 'mug.png.jpg'],
      ['notes.jpg'],
    ]);
    const picture = sharp(data.at('cutouts/mug.jpg.jpg'));
    expect(await picture.metadata()).toMatchObject({ format: 'jpeg', width: 2000, height: 2000 });
    const rim = await picture.extract({ left: 0, top: 0, width: 2000, height: 20 }).raw().toBuffer();
    expect(rim.every((value) => value > 250)).toBe(true);

    for (const name of ['cutouts', 'refused']) data.empty(name);
    rmSync(data.at('photos/notes.jpg'));
    const unable = await publish('remove-background-folder.json', 'Every Night', (workflow) => {
      workflow.id = 'e2eNoModel000002';
      nodeOf(workflow, 'Remove Background').parameters.model = 'birefnet';
    });
    expect(await unable()).toBe(500);
    expect([data.list('cutouts'), data.list('refused')]).toEqual([[], []]);
  },
);

scenario('each product is put on each scene once; what a person approves is kept', async () => {
  data.make('photos', 'pictures', 'approved');
  writeFileSync(data.at('photos/mug.jpg'), await boxPhoto(160, 120));
  const run = await publish('product-scenes-review.json', 'Every Night');
  expect(await run()).toBe(200);
  const scenes = ['mug-marble.jpg', 'mug-podium.jpg', 'mug-wood.jpg'];
  expect(data.list('pictures')).toEqual(scenes);
  const pending = await waiting('product-scenes');
  expect(Object.keys(pending)).toEqual(['marble', 'wood', 'podium'].map((scene) => `mug.jpg on ${scene}`));

  const { 'mug.jpg on marble': marble, 'mug.jpg on wood': wood } = pending;
  const shown = await ask(`product-scenes/picture?id=${marble}`);
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(readFileSync(data.at('pictures/mug-marble.jpg')));
  expect((await ask('product-scenes/picture?id=999999')).status).toBe(404);
  const approved = await decide('product-scenes', marble, 'approved');
  expect([approved.status, approved.headers.get('location')]).toEqual([303, '../product-scenes']);
  expect((await decide('product-scenes', wood, 'rejected')).status).toBe(303);
  expect((await decide('product-scenes', wood, 'approved')).status).toBe(409);
  expect(data.list('approved')).toEqual(['mug-marble.jpg']);
  expect(Object.keys(await waiting('product-scenes'))).toEqual(['mug.jpg on podium']);

  // Where the approved picture cannot be copied, it waits again.
  const { 'mug.jpg on podium': podium } = await waiting('product-scenes');
  rmSync(data.at('approved'), { recursive: true });
  expect((await decide('product-scenes', podium, 'approved')).status).toBe(500);
  expect(Object.keys(await waiting('product-scenes'))).toEqual(['mug.jpg on podium']);

  data.empty('pictures');
  expect(await run()).toBe(200);
  expect(data.list('pictures')).toEqual([]);
});

scenario('unsure cutouts wait for a person, sure ones do not', async () => {
  data.make('photos', 'cutouts', 'review', 'refused');
  writeFileSync(data.at('photos/box.jpg'), await boxPhoto(320, 240));
  writeFileSync(data.at('photos/notes.jpg'), 'no photo');
  copyFileSync(join(root, 'examples/packshots/headphones.jpg'), data.at('photos/<b>phones.jpg'));
  const run = await publish('unsure-cutouts-review.json', 'Every Night');
  expect(await run()).toBe(200);
  const folders = () => ['cutouts', 'review', 'refused'].map((folder) => data.list(folder));
  expect(folders()).toEqual([['box.png'], ['<b>phones.png'], ['notes.jpg']]);
  const [[caption, id], ...others] = Object.entries(await waiting('unsure-cutouts'));
  expect(caption).toMatch(/^&#60;b&#62;phones\.jpg: .*looks like what is behind it/);
  expect(others).toEqual([]);
  expect((await decide('unsure-cutouts', id, 'approved')).status).toBe(303);
  expect(data.list('cutouts')).toEqual(['<b>phones.png', 'box.png']);
  expect(await waiting('unsure-cutouts')).toEqual({});
});

scenario('videos of an inbox become frames, each once; refused ones are set aside', async () => {
  data.make('videos', 'frames', 'refused');
  writeClip(data.at('videos'), 'mug.mp4', 2);
  writeFileSync(data.at('videos/notes.mp4'), 'no video');
  const run = await publish('product-video-inbox.json', 'Every Night');
  expect(await run()).toBe(200);
  expect(data.list('frames')).toEqual(['mug-frame_0001.png', 'mug-frame_0002.png']);
  expect(data.list('refused')).toEqual(['notes.mp4']);
  data.empty('frames');
  expect(await run()).toBe(200);
  expect(data.list('frames')).toEqual([]);
});
