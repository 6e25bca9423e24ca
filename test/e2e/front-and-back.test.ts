import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { N8n } from './support/n8n';
import { boxPhoto, readCutout } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { webhookPath } from './support/workflows';

const OUTPUTS = ['front_rmbg', 'front_birefnet', 'back_rmbg', 'back_birefnet'];

/** The shipped workflow for front and back, with pictures on a server of the test's own. */
const home = newHome('front-and-back');
let n8n: N8n;
let pictures: Server;
let base: string;

beforeAll(async () => {
  const photo = await boxPhoto(800, 600);
  pictures = createServer((request, response) => {
    if (request.url === '/photo.jpg') response.setHeader('content-type', 'image/jpeg').end(photo);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
  await withLogs(async () => {
    const env = { VITRINE_ALLOW_HOSTS: '127.0.0.1', N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' };
    n8n = await N8n.start({ home: home.folder, env });
  });
});
afterAll(async () => {
  await endAll();
  pictures.closeAllConnections();
  pictures.close();
});

async function send(body: object): Promise<{ status: number; json: Record<string, unknown> }> {
  const json = () => new Blob([JSON.stringify(body)], { type: 'application/json' });
  const response = await n8n.webhook(webhookPath('frontAndBack'), json);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

scenario('answers with a link to each of four cutouts, and the engine keeps none', async () => {
  const { status, json } = await send({
    id: 123,
    output: { front: `${base}/photo.jpg`, back: `${base}/photo.jpg` },
  });

  expect(status).toBe(200);
  expect(json).toMatchObject({ id: 123, errors: {} });
  for (const output of OUTPUTS) {
    const cutout = await fetch(String(json[output]));
    expect(cutout.status).toBe(200);
    const { width, height, at } = await readCutout(Buffer.from(await cutout.arrayBuffer()));
    expect([width, height, at(0.5, 0.5).alpha, at(0, 0).alpha]).toEqual([800, 600, 255, 0]);
  }
  expect(home.files().filter((file) => file.endsWith('.png'))).toEqual([]);
});

scenario('a missing back is fine, one that cannot be fetched names itself', async () => {
  const front = `${base}/photo.jpg`;
  const alone = await send({ id: 'a', output: { front } });
  expect(alone.json).toMatchObject({ back_rmbg: null, back_birefnet: null, errors: {} });

  const { status, json } = await send({ id: 'b', output: { front, back: `${base}/gone.jpg` } });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    front_rmbg: expect.stringMatching(/^http/),
    back_rmbg: null,
    errors: { back_rmbg: { code: 'FETCH_FAILED', message: expect.stringContaining('404') } },
  });
});

scenario('answers with the reason when there is no front', async () => {
  const { status, json } = await send({ id: 'c', output: {} });
  expect(status).toBe(422);
  expect(json).toMatchObject({ error: expect.stringContaining('Front URL') });
});
