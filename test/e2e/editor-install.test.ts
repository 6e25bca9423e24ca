import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Editor } from './support/editor';
import { localNpm } from './support/local-npm';
import { N8n } from './support/n8n';
import { boxPhoto, formOf, readCutout } from './support/photos';
import { endAll, newHome, scenario } from './support/scenario';
import { baseEnv, root, work } from './support/settings';
import { readWorkflow, webhookPath } from './support/workflows';

/** Settings > Community nodes > Install in a fresh n8n, by n8n's own code: no scripts, shallow, dependencies stripped. */
const home = newHome('editor-install');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
  n8n: { nodes: string[] };
};
/** What n8n calls the nodes of the files that the package lists. */
const types = manifest.n8n.nodes.map((file) => {
  const node = basename(file, '.node.js');
  return `${manifest.name}.${node[0].toLowerCase()}${node.slice(1)}`;
});

afterAll(endAll);

scenario('works after a click on Install in the editor', async () => {
  const folder = join(work, 'editor');
  const path = `${localNpm(manifest.name, manifest.version)}:${baseEnv().PATH}`;
  const n8n = await N8n.start({ folder, home: home.folder, env: { PATH: path } });
  const editor = await Editor.setUp(n8n);

  const { installedNodes } = await editor.installPackage(manifest.name);
  expect(installedNodes.map(({ type }) => type).sort()).toEqual(types.sort());
  const installed = join(folder, '.n8n/nodes/node_modules', manifest.name);
  const { devDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(installed, 'package.json'), 'utf8'),
  );
  expect([devDependencies, peerDependencies]).toEqual([undefined, undefined]);
  expect(existsSync(join(installed, 'node_modules/sharp'))).toBe(true);

  await editor.publish(readWorkflow('shipped'));
  const photo = await boxPhoto(800, 600);
  const response = await n8n.webhook(webhookPath('shipped'), () => formOf({ photo }));
  expect(response.status).toBe(200);
  const cutout = await readCutout(Buffer.from(await response.arrayBuffer()));
  expect([cutout.width, cutout.height]).toEqual([800, 600]);
  expect([cutout.at(0, 0).alpha, cutout.at(0.5, 0.5).alpha]).toEqual([0, 255]);
});
