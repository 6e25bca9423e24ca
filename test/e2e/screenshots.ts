import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { browserFile, EditorPage } from './support/browser';
import { Editor } from './support/editor';
import { N8n } from './support/n8n';
import { endAll, newHome, withLogs } from './support/scenario';
import { nodesFolder, root, work } from './support/settings';

/** `npm run screenshots`: the pictures of the editor in docs/images/editor, taken from a real n8n. */
const images = join(root, 'docs/images/editor');
const NODES = [
  ['removeBackground', 'Remove Background'],
  ['backgroundReplace', 'Background Replace'],
  ['videoSegment', 'Video Segment'],
  ['augment', 'Augment'],
];
const workflowFiles = readdirSync(join(root, 'workflows')).filter((file) => file.endsWith('.json'));

let editor: Editor;
let browser: EditorPage;

beforeAll(
  () =>
    withLogs(async () => {
      if (!browserFile) return;
      mkdirSync(images, { recursive: true });
      // A database of its own, without the credentials of the other tests.
      const folder = join(work, 'screenshots');
      mkdirSync(join(folder, '.n8n'), { recursive: true });
      symlinkSync(nodesFolder, join(folder, '.n8n/nodes'));
      editor = await Editor.setUp(await N8n.start({ folder, home: newHome('screenshots-home').folder }));
      browser = await EditorPage.open(editor);
    }),
  300_000,
);
afterAll(async () => {
  await browser?.close();
  await endAll();
});

const note = browserFile ? '' : ' (skipped: no Chromium on PATH, and CHROMIUM_PATH names none)';
const shot = note ? test.skip : test;

shot.each(workflowFiles)(`the canvas of %s${note}`, async (file) => {
  const workflow = JSON.parse(readFileSync(join(root, 'workflows', file), 'utf8'));
  const { id } = await editor.import({ ...workflow, id: undefined });
  // A canvas of many nodes is of use only where their names can be read.
  const wide = workflow.nodes.length > 12;
  await save(await browser.canvas(id), basename(file, '.json'), wide ? 2000 : 1200);
});

shot.each(NODES)(`the panel of %s${note}`, async (type, name) => {
  const { id } = await editor.import({
    name,
    nodes: [
      {
        id: 'node',
        name,
        type: `n8n-nodes-vitrine.${type}`,
        typeVersion: type === 'backgroundReplace' ? 1.1 : 1,
        position: [0, 0],
        parameters: {},
      },
    ],
    connections: {},
    settings: {},
  });
  await save(await browser.panel(id, name), `node-${name.toLowerCase().replace(' ', '-')}`);
});

/** As WebP, small enough for a page of the docs. */
async function save(png: Buffer, name: string, width = 1200): Promise<void> {
  const picture = sharp(png).resize({ width, withoutEnlargement: true });
  await picture.webp({ quality: 78, effort: 6 }).toFile(join(images, `${name}.webp`));
}
