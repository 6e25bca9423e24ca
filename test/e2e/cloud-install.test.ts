import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { N8n, cloneUserFolder, freePorts, n8nCommand } from './support/n8n';
import { PRODUCT, boxPhoto, formOf, readCutout } from './support/photos';
import { endAll, newHome, scenario, withLogs } from './support/scenario';
import { baseEnv, hasProc, nodeBinary, root, work } from './support/settings';
import { until } from './support/wait';
import { readWorkflow, webhookPath } from './support/workflows';

/** The pack for n8n Cloud in a real n8n, with an engine elsewhere. */
const TOKEN = 'a-token-of-the-end-to-end-tests';
const home = newHome('cloud-install');
const nodes = join(work, 'cloud-nodes');
let engine: ChildProcess;
let n8n: N8n;

beforeAll(() =>
  withLogs(async () => {
    const [port] = await freePorts(1);
    engine = await startEngine(port);
    await installCloudPack();
    const folder = cloneUserFolder('cloud', nodes);
    await importRemoteWorkflow(folder, `http://127.0.0.1:${port}`);
    n8n = await N8n.start({ folder, home: home.folder });
  }),
);
afterAll(async () => {
  engine.kill('SIGTERM');
  await endAll();
});

async function startEngine(port: number): Promise<ChildProcess> {
  const folder = join(home.folder, 'remote');
  mkdirSync(folder, { recursive: true });
  const env = { ...baseEnv(), VITRINE_TOKEN: TOKEN, BG_REQS_PER_MIN: '0', VITRINE_HOME: folder };
  const args = [join(root, 'dist/lib/cli/main.js'), 'serve', '--port', String(port)];
  const child = spawn(nodeBinary, args, { cwd: folder, env, stdio: 'ignore' });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until('the engine to be ready', isReady);
  return child;
}

async function installCloudPack(): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- plain scripts are CommonJS
  const { packCloud } = require(join(root, 'cloud/build.js')) as { packCloud(to: string): Promise<string> };
  const tarball = await packCloud(work);
  mkdirSync(nodes, { recursive: true });
  writeFileSync(join(nodes, 'package.json'), '{ "name": "installed-nodes", "private": true }\n');
  const args = ['install', tarball, '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', args, { cwd: nodes, env: baseEnv() });
}

/** The shipped workflow with another address, its node set to engines elsewhere. */
async function importRemoteWorkflow(folder: string, url: string): Promise<void> {
  const workflow = { ...readWorkflow('shipped'), id: 'e2eRemote' };
  for (const node of workflow.nodes) {
    if (node.type === 'n8n-nodes-base.webhook') Object.assign(node, { webhookId: 'e2e-remote' });
    if (node.type === 'n8n-nodes-base.webhook') node.parameters.path = `remote/${node.parameters.path}`;
    if (!node.type.startsWith('n8n-nodes-vitrine.')) continue;
    node.parameters.engineLocation = 'remote';
    node.credentials = { vitrineEngineApi: { id: 'e2eEngine0000001', name: 'Engine' } };
  }
  const credential = {
    id: 'e2eEngine0000001',
    name: 'Engine',
    type: 'vitrineEngineApi',
    data: { urls: url, token: TOKEN },
  };
  writeFileSync(join(work, 'engine-credential.json'), JSON.stringify([credential]));
  writeFileSync(join(work, 'remote-workflow.json'), JSON.stringify(workflow));
  await n8nCommand(folder, ['import:credentials', `--input=${join(work, 'engine-credential.json')}`]);
  await n8nCommand(folder, ['import:workflow', `--input=${join(work, 'remote-workflow.json')}`]);
  await n8nCommand(folder, ['publish:workflow', `--id=${workflow.id}`]);
}

scenario('brings nothing else into node_modules', async () => {
  const installed = readdirSync(join(nodes, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(installed).toEqual(['n8n-nodes-vitrine']);
  const manifest = readFileSync(join(nodes, 'node_modules/n8n-nodes-vitrine/package.json'), 'utf8');
  expect(JSON.parse(manifest)).not.toHaveProperty('dependencies');
});

scenario('runs the shipped webhook workflow on a remote engine', async () => {
  const photo = await boxPhoto(1200, 900);
  const response = await n8n.webhook(`remote/${webhookPath('shipped')}`, () => formOf({ photo }));
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${response.status}: ${body.toString().slice(0, 500)}`);
  const cutout = await readCutout(body);
  expect([cutout.width, cutout.height]).toEqual([1200, 900]);
  expect(cutout.at(0, 0).alpha).toBe(0);
  const centre = cutout.at(0.5, 0.5);
  expect(centre.alpha).toBe(255);
  expect(Math.abs(centre.r - PRODUCT.r)).toBeLessThanOrEqual(24);
  if (hasProc) expect(home.enginePids()).toEqual([]);
});

scenario('says what to do where a node has no engine', async () => {
  const photo = await boxPhoto(600, 400);
  const response = await n8n.webhook(webhookPath('shipped'), () => formOf({ photo }));
  expect(response.status).not.toBe(200);
  const { error, details } = (await response.json()) as {
    error: string;
    details: { code: string; hint: string };
  };
  expect(error).toContain('This edition of Vitrine');
  expect(details).toMatchObject({
    code: 'ENGINE_START_FAILED',
    hint: expect.stringContaining('Remote Engine'),
  });
});
