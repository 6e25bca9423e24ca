import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject, IWorkflowBase } from 'n8n-workflow';
import {
  allowFilesIn,
  contentOf,
  loadPack,
  runWorkflow,
  sourceOf,
  standIn,
  useBinaryMode,
  type SourceItem,
} from '../nodes/support/n8n';
import { boxPhoto, readPixels } from '../nodes/support/photos';
import { tinyModels } from '../support/models';
import { listen } from '../support/web';

/**
 * The workflow files that ship, run by n8n's executor with the embedded engine. n8n's own nodes are not part
 * of n8n-core, so stand-ins take their places; test/e2e runs the webhook with the real ones.
 */
const FOLDER = join(__dirname, '..', '..', 'workflows');

const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as IWorkflowBase;

let pack: Awaited<ReturnType<typeof loadPack>>;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'vitrine-home-'));
  process.env.VITRINE_HOME = home;
  process.env.VITRINE_OFFLINE = '1';
  process.env.VITRINE_ALLOW_HOSTS = '127.0.0.1';
  process.env.VITRINE_DATA_ROOTS = home;
  tinyModels(home);
  allowFilesIn(realpathSync(home));
  await useBinaryMode('filesystem');
  pack = await loadPack();
});

afterAll(async () => {
  for (const file of readdirSync(home).filter((name) => /^engine-.*\.json$/.test(name))) {
    await end(JSON.parse(readFileSync(join(home, file), 'utf8')).pid);
  }
  rmSync(home, { recursive: true, force: true });
});

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  while (isRunning(pid)) await sleep(50);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('remove-background-webhook.json', () => {
  const answers = ['Answer with Cutout', 'Answer with Reason'];

  async function post(item: SourceItem) {
    const workflow = read('remove-background-webhook.json');
    const standIns = {
      'n8n-nodes-base.webhook': sourceOf([item]),
      'n8n-nodes-base.switch': standIn('switch'),
      'n8n-nodes-base.respondToWebhook': standIn('respondToWebhook'),
      'n8n-nodes-base.stickyNote': standIn('stickyNote'),
    };
    const done = await runWorkflow(pack, workflow, { standIns, mode: 'webhook' });
    const ran = answers.filter((name) => done.run.data.resultData.runData[name]);
    return { done, ran };
  }

  it.each(['photo', 'file', 'data'])(
    'answers a photo in the form field %j with its cutout',
    async (field) => {
      const content = await boxPhoto(200, 150);
      const { done, ran } = await post({
        files: { [field]: { content, fileName: 'mug.jpg', mimeType: 'image/jpeg' } },
      });
      expect(ran).toEqual(['Answer with Cutout']);
      const answer = read('remove-background-webhook.json').nodes.find(({ name }) => name === ran[0])!;
      const [item] = done.output('Answer with Cutout');
      const cutout = item.binary![answer.parameters.inputFieldName as string];
      expect(cutout).toMatchObject({ fileName: 'mug.png', mimeType: 'image/png' });
      const picture = await readPixels(await contentOf(cutout));
      expect(picture).toMatchObject({ format: 'png', width: 200, height: 150, channels: 4 });
      expect([picture.at(0.02, 0.02)[3], picture.at(0.5, 0.5)[3]]).toEqual([0, 255]);
    },
  );

  it.each([
    ['a form without a file', {}, "no data field 'photo'"],
    ['a file that is no photo', { photo: { content: Buffer.from('hello'), fileName: 'a.jpg' } }, 'text'],
  ])('answers %s with the reason', async (_name, files, reason) => {
    const { done, ran } = await post({ files });
    expect(ran).toEqual(['Answer with Reason']);
    const [{ json }] = done.output('Answer with Reason');
    expect(json.error).toContain(reason);
    expect(json.details).toMatchObject({ code: expect.any(String), hint: expect.any(String) });
  });
});

describe('process-front-and-back-webhook.json', () => {
  /** Runs the workflow for a webhook call with this body; BiRefNet is exchanged for a tiny graph. */
  async function post(body: object) {
    const workflow = read('process-front-and-back-webhook.json');
    const ours = workflow.nodes.find(({ name }) => name === 'Process Front and Back')!;
    ours.parameters.birefnetModel = 'my-birefnet';
    const standIns = {
      'n8n-nodes-base.webhook': sourceOf([{ json: { body } as IDataObject }]),
      'n8n-nodes-base.respondToWebhook': standIn(
        'respondToWebhook',
        async function () {
          const answer = this.getNodeParameter('responseBody', 0) as string;
          return [[{ json: JSON.parse(answer), pairedItem: { item: 0 } }]];
        },
        ['responseBody'],
      ),
      'n8n-nodes-base.stickyNote': standIn('stickyNote'),
    };
    return await runWorkflow(pack, workflow, { standIns, mode: 'webhook' });
  }

  it('answers the seed’s body in the seed’s shape', async () => {
    const photo = await boxPhoto(120, 90);
    const base = await listen((_request, response) => response.end(photo));
    const done = await post({ id: 123, output: { front: `${base}/front.png`, back: `${base}/back.png` } });
    const [{ json }] = done.output('Answer with Links');
    expect(json).toMatchObject({ id: 123, errors: {}, processing_time_seconds: expect.any(Number) });
    for (const output of ['front_rmbg', 'front_birefnet', 'back_rmbg', 'back_birefnet'])
      expect(json[output]).toMatch(/^http.+signed\?token=/);
  });

  it.each([
    [{ id: 1, output: { front: 'http://10.0.0.1/x.png' } }, 'ADDRESS_BLOCKED'],
    [{ id: 1 }, 'INVALID_PARAMETER'],
  ])('answers %j with the reason', async (body, code) => {
    const [{ json }] = (await post(body)).output('Answer with Reason');
    expect(json.details).toMatchObject({ code, hint: expect.any(String) });
  });
});

describe('augmentation-worker.json', () => {
  const UPC = '4006381333931';

  /** A data set that the embedded engine may use, with one photo. */
  async function makeDataSet(name: string): Promise<string> {
    const root = join(home, name);
    mkdirSync(join(root, UPC, 'real'), { recursive: true });
    writeFileSync(join(root, UPC, 'real/box.jpg'), await boxPhoto(160, 120));
    return root;
  }

  const answer = standIn(
    'respondToWebhook',
    async function () {
      const body = this.getNodeParameter('responseBody', 0) as string;
      return [[{ json: JSON.parse(body), pairedItem: { item: 0 } }]];
    },
    ['responseBody'],
  );
  const others = {
    'n8n-nodes-base.respondToWebhook': answer,
    'n8n-nodes-base.stickyNote': standIn('stickyNote'),
  };

  it('tops a folder up every night and keeps the report, which comes in a data field', async () => {
    const workflow = read('augmentation-worker.json');
    const ours = workflow.nodes.find(({ name }) => name === 'Augment Folder')!;
    const root = await makeDataSet('shelf');
    Object.assign(ours.parameters, { datasetPath: root, synTarget: 1, realTarget: 2 });
    let written: string | undefined;
    const standIns = {
      ...others,
      'n8n-nodes-base.scheduleTrigger': sourceOf([{}]),
      'n8n-nodes-base.filter': standIn('filter'),
      'n8n-nodes-base.webhook': sourceOf([]),
      'n8n-nodes-base.readWriteFile': standIn(
        'readWriteFile',
        async function () {
          const file = this.helpers.assertBinaryData(
            0,
            this.getNodeParameter('dataPropertyName', 0) as string,
          );
          expect(file).toMatchObject({ fileName: 'shelf-report.html', mimeType: 'text/html' });
          written = this.getNodeParameter('fileName', 0) as string;
          return [this.getInputData()];
        },
        ['operation', 'fileName', 'dataPropertyName'],
      ),
    };
    const done = await runWorkflow(pack, workflow, { standIns, mode: 'trigger' });
    expect(done.run.data.resultData.error).toBeUndefined();
    expect(written).toMatch(new RegExp(`^${root}-augmentation/report-\\d{4}-\\d{2}-\\d{2}\\.html$`));
    const [{ json, binary }] = done.output('Augment Folder');
    expect(json).toMatchObject({ status: 'success', syn_produced: 1, real_produced: 1 });
    expect((await contentOf(binary!.report)).toString()).toContain(UPC);
  });

  async function post(body: object) {
    const workflow = read('augmentation-worker.json');
    const from = workflow.nodes.findIndex(({ name }) => name === 'Data Set Arrives');
    const standIns = {
      ...others,
      'n8n-nodes-base.webhook': sourceOf([{ json: { body } as IDataObject }]),
      'n8n-nodes-base.scheduleTrigger': sourceOf([]),
      'n8n-nodes-base.filter': standIn('filter'),
      'n8n-nodes-base.readWriteFile': standIn('readWriteFile'),
    };
    // The executor starts at the first node.
    workflow.nodes.unshift(...workflow.nodes.splice(from, 1));
    return await runWorkflow(pack, workflow, { standIns, mode: 'webhook' });
  }

  it.each([
    ['plain', (input: object) => input],
    ['inside of input', (input: object) => ({ input })],
  ])('answers the seed’s body, %s, in the seed’s shape', async (name, wrap) => {
    const root = await makeDataSet(`posted ${name}`);
    const done = await post(wrap({ dataset_path: root, syn_target: 1, real_target: 1 }));
    const [{ json }] = done.output('Answer with Result');
    expect(json).toMatchObject({
      ...{ status: 'success', type: 'augmentation', dataset_id: null, syn_produced: 1, real_produced: 0 },
      report: { totals: { classes: 1 }, items: [{ upc: UPC }] },
    });
  });

  it.each([
    [{}, 'INVALID_PARAMETER'],
    [{ dataset_id: 'given with dataset_path' }, 'INVALID_PARAMETER'],
    [{ dataset_path: '/etc' }, 'FORBIDDEN'],
  ])('answers %j with the reason', async (body, code) => {
    const given = 'dataset_id' in body ? { ...body, dataset_path: await makeDataSet('both') } : body;
    const [{ json }] = (await post(given)).output('Answer with Reason');
    expect(json).toMatchObject({ status: 'failed', details: { code, hint: expect.any(String) } });
  });
});
