import { createServer, type Server } from 'node:http';
import { Container } from '@n8n/di';
import { BinaryDataService, ExecuteContext } from 'n8n-core';
import type { IDataObject, INode, INodeType } from 'n8n-workflow';
import { contentOf, loadPack, oneNode, runWorkflow, useBinaryMode } from './support/n8n';
import { startEngine, type TestEngine } from './support/engine';
import { boxPhoto, readPixels } from './support/photos';

/** Photos by address, and what an AI agent gets, to whom no file can be handed. */
const NODE = 'Remove Background';
/** The type that n8n makes of a node for agents. */
const TOOL = 'n8n-nodes-vitrine.removeBackgroundTool';
let engine: TestEngine;
let photos: Server;
let address: string;
let pack: Awaited<ReturnType<typeof loadPack>>;

beforeAll(async () => {
  await useBinaryMode('filesystem');
  pack = await loadPack();
  engine = await startEngine({ VITRINE_ALLOW_HOSTS: '127.0.0.1' });
  const photo = await boxPhoto();
  photos = createServer((request, response) => {
    if (request.url!.startsWith('/shop/red%20mug.jpg'))
      response.setHeader('Content-Type', 'image/jpeg').end(photo);
    else response.writeHead(404).end('no such photo');
  });
  await new Promise<void>((resolve) => photos.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(photos.address() as { port: number }).port}`;
});
afterAll(async () => {
  photos?.close();
  await engine?.stop();
});
afterEach(() => jest.restoreAllMocks());

async function run(path: string, parameters: IDataObject = {}, node: Partial<INode> = {}) {
  const credentials = { vitrineEngineApi: { id: '1', name: 'Engine' } };
  const remote = { engineLocation: 'remote', model: 'plain', inputSource: 'url', url: address + path };
  return await runWorkflow(pack, oneNode({ ...remote, ...parameters }, { credentials, ...node }), {
    standIns: { [TOOL]: pack.getNode('removeBackground').type as INodeType },
    items: [{ json: { sku: 'mug' } }],
    credentials: { vitrineEngineApi: { urls: engine.url, token: engine.token } },
  });
}

it('cuts out a photo that the engine downloads, and names the file after it', async () => {
  const [item] = (await run('/shop/red%20mug.jpg?width=800')).output(NODE);
  expect(item.binary!.data).toMatchObject({ fileName: 'red mug.png', mimeType: 'image/png' });
  const picture = await readPixels(await contentOf(item.binary!.data));
  expect([picture.at(0, 0)[3], picture.at(0.5, 0.5)[3]]).toEqual([0, 255]);
});

it('says which address has no photo', async () => {
  const error = (await run('/shop/cup.jpg')).error(NODE)!;
  expect(error.message).toContain('/shop/cup.jpg');
  expect(error.message).toContain('404');
  expect(error.description).toBeTruthy();
});

it.each([
  ['of version 2, which says so', true, {}],
  ['of version 3, which runs the type that n8n makes for tools', false, { type: TOOL }],
])('gives an AI agent %s links to the files instead of the files', async (_, says, node) => {
  jest.spyOn(ExecuteContext.prototype, 'isToolExecution').mockReturnValue(says as false);
  const [item] = (await run('/shop/red%20mug.jpg', { options: { maskField: 'mask' } }, node)).output(NODE);
  expect(item.binary).toBeUndefined();
  const urls = item.json.urls as Record<string, string>;
  expect(Object.keys(urls)).toEqual(['data', 'mask']);
  const token = new URL(urls.data).searchParams.get('token')!;
  const store = Container.get(BinaryDataService);
  const id = store.validateSignedToken(token);
  const picture = await readPixels(await contentOf({ id, data: '', mimeType: 'image/png' }));
  expect(picture).toMatchObject({ format: 'png', channels: 4 });
});

it('tells how to get such links where n8n keeps files in memory', async () => {
  await useBinaryMode('default');
  jest.spyOn(ExecuteContext.prototype, 'isToolExecution').mockReturnValue(true as false);
  const error = (await run('/shop/red%20mug.jpg')).error(NODE)!;
  expect(error.message).toContain('link');
  expect(error.description).toContain('N8N_DEFAULT_BINARY_DATA_MODE');
});
