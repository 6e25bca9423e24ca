import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import sharp from 'sharp';
import { convertWorkflow } from '../../lib/cli/seed-workflow/convert';
import { writeClip } from '../support/clip';
import { type TestSupabase, startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { listen } from '../support/web';
import { DataFolder, type WorkflowFile, nodeOf, publishCallable } from './support/automations';
import { startChatModel } from './support/chat-model';
import { Editor } from './support/editor';
import { N8n, cloneUserFolder } from './support/n8n';
import { boxPhoto } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { root } from './support/settings';
import { MailServer } from './support/smtp';

/**
 * The automations that ship, as a shop runs them: imported into one n8n, with a call in place of their schedules, folders
 * of the test, and servers on loopback in place of services.
 */
const ROWS = `
create table products (
  id text primary key, photo_url text, state text default 'new', attempts int default 0,
  claimed_at timestamptz, cutout_url text, picture_url text, reason text
);
`;
let data: DataFolder;
let n8n: N8n;
let editor: Editor;
let mail: MailServer;
let project: TestSupabase | undefined;
/** Where `/mug.jpg` is a photo. */
let shop: string;

beforeAll(() =>
  withLogs(async () => {
    mail = await MailServer.start();
    if (!supabaseNote) project = await startSupabase(ROWS);
    const photo = await boxPhoto(320, 240);
    shop = await listen((request, response) => {
      if (request.url === '/mug.jpg') response.setHeader('content-type', 'image/jpeg').end(photo);
      else response.writeHead(404).end();
    });
    const env = { VITRINE_ALLOW_HOSTS: '127.0.0.1', VITRINE_OFFLINE: '1', FFMPEG_PATH: ffmpeg };
    const home = newHome('automations');
    data = new DataFolder('automations-data');
    n8n = await N8n.start({
      ...{ folder: cloneUserFolder('automating'), home: home.folder },
      env: { ...env, N8N_RESTRICT_FILE_ACCESS_TO: data.path },
    });
    editor = await Editor.setUp(n8n);
  }),
);
beforeEach(() => data.empty());
afterAll(async () => {
  mail.stop();
  await endAll();
});

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

scenario('a data set is topped up, and its report comes by email; so does what went wrong', async () => {
  data.make('shelf/4006381333931/real');
  writeFileSync(data.at('shelf/4006381333931/real/box.jpg'), await boxPhoto(240, 180));
  const settings = { host: '127.0.0.1', port: mail.port, secure: false, disableStartTls: true };
  const smtp = await editor.addCredential('smtp', settings);
  const run = await publish('data-set-weekly.json', 'Every Week', (workflow) => {
    Object.assign(nodeOf(workflow, 'Augment Folder').parameters, { synTarget: 2, realTarget: 3 });
    nodeOf(workflow, 'Augment Folder').parameters.options = { size: 160 };
    for (const name of ['Email Report', 'Email Reason']) nodeOf(workflow, name).credentials = { smtp };
  });
  expect(await run()).toBe(200);
  rmSync(data.at('shelf'), { recursive: true });
  expect(await run()).toBe(500);
  const [report, reason] = mail.emails;
  expect(report).toMatchObject({ from: 'vitrine@example.com', to: ['you@example.com'] });
  expect(report.text).toContain('Subject: Data set: 4 new pictures');
  expect(report.text).toMatch(/filename=.*\.html/);
  expect(reason.text).toContain('Subject: Data set: nothing could be made');
  expect(mail.emails).toHaveLength(2);
});

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

const supabaseScenario: typeof scenario = supabaseNote
  ? (name) => test.skip(`${name}${supabaseNote}`, () => undefined)
  : scenario;

supabaseScenario(
  'new rows in Supabase become cutouts and backdrops, whose addresses are written back',
  async () => {
    await project!.makeBucket('products');
    for (const id of ['mug 1', 'gone'])
      await project!.insert('products', { id, photo_url: `${shop}/${id === 'gone' ? 'gone' : 'mug'}.jpg` });
    const supabaseApi = await editor.addCredential('supabaseApi', {
      host: project!.url,
      serviceRole: project!.key,
    });
    const run = await publish('supabase-rows.json', 'Every Five Minutes', (workflow) => {
      const settings = nodeOf(workflow, 'Settings').parameters;
      settings.jsonOutput = String(settings.jsonOutput).replace(
        'https://YOUR-PROJECT.supabase.co',
        project!.url,
      );
      for (const node of workflow.nodes)
        if (/\.(supabase|httpRequest)$/.test(node.type)) node.credentials = { supabaseApi };
    });
    expect(await run()).toBe(200);
    const rows = Object.fromEntries((await project!.rows('products')).map((row) => [row.id, row]));
    expect(rows.gone).toMatchObject({ state: 'failed', attempts: 1, reason: expect.stringContaining('404') });
    expect(rows['mug 1']).toMatchObject({ state: 'done', attempts: 1 });
    for (const [column, format] of [
      ['cutout_url', 'png'],
      ['picture_url', 'jpeg'],
    ]) {
      const answer = await project!.fetch(String(rows['mug 1'][column]));
      expect(await sharp(Buffer.from(await answer.arrayBuffer())).metadata()).toMatchObject({
        format,
        width: 320,
      });
    }
    const uploads = () => project!.passed.filter(({ path }) => path.startsWith('/storage/')).length;
    const before = uploads();
    expect(await run()).toBe(200);
    expect(uploads()).toBe(before);
  },
);

scenario('an agent makes a picture of an address by our tool, and says where it is', async () => {
  const model = await startChatModel('product_picture', { url: `${shop}/mug.jpg`, preset: 'marble' });
  const openAiApi = await editor.addCredential('openAiApi', { apiKey: 'sk-end-to-end', url: model.url });
  const workflow = data.read('product-picture-agent.json');
  nodeOf(workflow, 'Chat').parameters.public = true;
  workflow.nodes.push({
    ...{ name: 'Model', type: '@n8n/n8n-nodes-langchain.lmChatOpenAi', typeVersion: 1.2 },
    ...{ id: 'e2e-model', position: [320, 300], credentials: { openAiApi } },
    parameters: { model: { __rl: true, mode: 'id', value: 'gpt-e2e' }, options: {} },
  });
  workflow.connections.Model = {
    ai_languageModel: [[{ node: 'AI Agent', type: 'ai_languageModel', index: 0 }]],
  };
  await editor.publish(workflow);
  const { webhookId } = nodeOf(workflow, 'Chat');
  const message = { action: 'sendMessage', sessionId: 'e2e', chatInput: `Put ${shop}/mug.jpg on marble` };
  const response = await n8n.webhook(
    `${webhookId}/chat`,
    () => new Blob([JSON.stringify(message)], { type: 'application/json' }),
  );
  const { output } = (await response.json()) as { output: string };
  const [address] = /http\S+/.exec(output) ?? [];
  expect(address).toContain('/rest/binary-data/signed');
  const picture = await fetch(address!.replace(/^https?:\/\/[^/]+/, n8n.url));
  expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: 320 });
});

scenario(
  'a workflow of the older orchestrator, converted, makes a picture and answers as it did',
  async () => {
    data.make('photos');
    writeFileSync(data.at('photos/mug.jpg'), await boxPhoto(320, 240));
    const overrides = { prompt: 'clean white background, professional lighting' };
    const parameters = {
      mediaId: '{{mediaId}}',
      inputPath: '{{inputPath}}',
      preset: 'product-studio',
      overrides,
    };
    const nodes = [{ type: 'background-replace', parameters }];
    await editor.publish(convertWorkflow({ name: 'Background Replacement', nodes }, 'seed.json'));
    const send = async (job: object) => {
      const body = () => new Blob([JSON.stringify(job)], { type: 'application/json' });
      const response = await n8n.webhook('background-replacement', body);
      return { status: response.status, json: (await response.json()) as object };
    };
    const { status, json } = await send({ mediaId: 'media-123', inputPath: data.at('photos/mug.jpg') });
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        ...{ mediaId: 'media-123', engine: 'studio', preset: 'product-studio', seed: expect.any(Number) },
        metrics: expect.objectContaining({ elapsed_ms: expect.any(Number) }),
        artifacts: {
          output: data.at('photos/mug-replaced.jpg'),
          mask: data.at('photos/mug-mask-replaced.png'),
        },
      },
    });
    expect(data.list('photos')).toEqual(['mug-mask-replaced.png', 'mug-replaced.jpg', 'mug.jpg']);
    const refused = await send({ mediaId: 'media-124', inputPath: '/etc/hostname' });
    expect(refused).toMatchObject({ status: 422, json: { details: { code: 'FORBIDDEN' } } });
  },
);
