import { rmSync, writeFileSync } from 'node:fs';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import sharp from 'sharp';
import { convertWorkflow } from '../../lib/cli/seed-workflow/convert';
import { type TestSupabase, startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { listen } from '../support/web';
import { DataFolder, type WorkflowFile, nodeOf, publishCallable } from './support/automations';
import { startChatModel } from './support/chat-model';
import { Editor } from './support/editor';
import { N8n, cloneUserFolder } from './support/n8n';
import { boxPhoto } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { MailServer } from './support/smtp';
import { until } from './support/wait';

/**
 * The automations that ship and work with services, and the form, as a shop runs them: imported into one n8n, with a call in place of their schedules, folders
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

interface Completion {
  /** What the page says. */
  page: string;
  /** The file that its script downloads. */
  file?: Buffer;
}

/** What the page of a form does when a file is sent by it, and what the page after that holds. */
async function submit(workflow: WorkflowFile, name: string, content: Buffer): Promise<Completion> {
  const { webhookId } = nodeOf(workflow, 'Photo Form');
  const address = `${n8n.url}/form/${webhookId}`;
  const page = await until('the form', async () => {
    const response = await fetch(address);
    return response.ok && (await response.text());
  });
  const [, field] = /type='file'\s+id='[^']*'\s+name='([^']+)'/.exec(page)!;
  const form = new FormData();
  form.append(field, new Blob([new Uint8Array(content)], { type: 'image/jpeg' }), name);
  const sent = await fetch(address, { method: 'POST', body: form });
  const next = new URL(((await sent.json()) as { formWaitingUrl: string }).formWaitingUrl);
  const at = new URL(`${next.pathname}${next.search}`, n8n.url);
  const state = new URL(`${at.pathname}/n8n-execution-status${at.search}`, at);
  await until(
    'the page after the form',
    async () => (await (await fetch(state)).text()) === 'form-waiting',
    60,
  );
  const after = await (await fetch(at)).text();
  const [, binaries = ''] = /const binaries = "([^"]*)"/.exec(after) ?? [];
  const [file] = binaries ? (JSON.parse(decodeURIComponent(binaries)) as { data: { data: number[] } }[]) : [];
  return { page: after, file: file && Buffer.from(file.data.data) };
}

scenario('a form takes a photo and gives its white main picture, or says why not', async () => {
  const workflow = data.read('white-picture-form.json');
  await editor.publish(workflow);
  const { page, file } = await submit(workflow, 'mug.jpg', await boxPhoto(320, 240));
  expect(page).toContain('Here is your picture');
  const picture = sharp(file!);
  const { width, height } = await picture.metadata();
  const rim = await picture.extract({ left: 0, top: 0, width, height: 8 }).raw().toBuffer();
  expect(rim.every((value) => value === 255)).toBe(true);
  const { channels } = await sharp(file!)
    .extract({ left: width >> 1, top: height >> 1, width: 1, height: 1 })
    .stats();
  expect(channels[0].mean - channels[1].mean).toBeGreaterThan(50);

  const refused = await submit(workflow, 'notes.jpg', Buffer.from('no photo'));
  expect(refused.file).toBeUndefined();
  expect(refused.page).toContain('No picture could be made');
  expect(refused.page).toContain('text');
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
  const body = () => new Blob([JSON.stringify(message)], { type: 'application/json' });
  const response = await n8n.webhook(`${webhookId}/chat`, body);
  const { output } = (await response.json()) as { output: string };
  const [address] = /http\S+/.exec(output) ?? [];
  expect(address).toContain('/rest/binary-data/signed');
  const picture = await fetch(address!.replace(/^https?:\/\/[^/]+/, n8n.url));
  expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: 320 });
  const noModel = await startChatModel('another_tool', {});
  const broken = await editor.addCredential('openAiApi', { apiKey: 'sk-end-to-end', url: noModel.url });
  const other = structuredClone(workflow);
  Object.assign(other, { id: 'e2eAgent00000001' });
  nodeOf(other, 'Chat').webhookId = 'e2e-chat-that-fails';
  nodeOf(other, 'Model').credentials = { openAiApi: broken };
  await editor.publish(other);
  const said = await n8n.webhook('e2e-chat-that-fails/chat', body);
  expect(((await said.json()) as { output: string }).output).toMatch(/^No picture could be made.*Chat Model/);
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
