import type { INode, INodeProperties, INodeType, IWorkflowBase } from 'n8n-workflow';
import { convertWorkflow } from '../../../lib/cli/seed-workflow/convert';
import { KNOWN_PARAMETERS } from '../../../lib/cli/seed-workflow/parameters';
import { type VitrineError } from '../../../lib/contracts';
import { loadPack, runWorkflow, sourceOf, standIn } from '../../nodes/support/n8n';
import { boxOfNode, boxOfNote, isNote, overlaps, sizeOfText } from '../../workflows/layout';

/** As the seed's README prints it. */
const SEED = {
  name: 'Background Replacement',
  nodes: [
    {
      type: 'background-replace',
      parameters: {
        mediaId: '{{mediaId}}',
        inputPath: '{{inputPath}}',
        preset: 'product-studio',
        overrides: { prompt: 'clean white background, professional lighting' },
      },
    },
  ],
};
const READ = ['mediaId', 'inputPath', 'preset', 'overrides', 'projectId'];

let pack: Awaited<ReturnType<typeof loadPack>>;
beforeAll(async () => void (pack = await loadPack()));

const convert = (...nodes: unknown[]) => convertWorkflow({ name: 'A name', nodes }, 'flow.json');
const replace = (parameters: object) => ({ type: 'background-replace', parameters });
const parametersOf = (name: string, { nodes }: ReturnType<typeof convert>) =>
  nodes.find((node) => node.name === name)!.parameters as Record<string, unknown>;
const converted = (parameters: object) =>
  parametersOf('Background Replace', convert(replace({ inputPath: '{{inputPath}}', ...parameters })));

/** Runs a converted workflow by n8n's executor; what makes and keeps pictures are stand-ins. */
async function run(workflow: ReturnType<typeof convert>, body: object) {
  const asked: Record<string, unknown>[] = [];
  const kept: string[] = [];
  const done = await runWorkflow(pack, workflow as unknown as IWorkflowBase, {
    mode: 'webhook',
    standIns: {
      'n8n-nodes-base.webhook': sourceOf([{ json: { body } as never }]),
      'n8n-nodes-base.stickyNote': standIn('stickyNote'),
      'n8n-nodes-vitrine.backgroundReplace': standIn(
        'backgroundReplace',
        async function () {
          asked.push(Object.fromEntries(READ.map((name) => [name, this.getNodeParameter(name, 0)])));
          const file = (fileName: string) => this.helpers.prepareBinaryData(Buffer.from('x'), fileName);
          const binary = { picture: await file('mug.jpg'), mask: await file('mug-mask.png') };
          const json = { preset: 'marble', engine: 'studio', seed: 7, metrics: { elapsed_ms: 5 } };
          return [[{ json, binary, pairedItem: { item: 0 } }]];
        },
        READ,
      ),
      'n8n-nodes-base.readWriteFile': standIn(
        'readWriteFile',
        async function () {
          const fileName = this.getNodeParameter('fileName', 0) as string;
          kept.push(fileName);
          return [this.getInputData().map((item) => ({ ...item, json: { ...item.json, fileName } }))];
        },
        ['fileName'],
      ),
      'n8n-nodes-base.respondToWebhook': standIn(
        'respondToWebhook',
        async function () {
          return [[{ json: JSON.parse(this.getNodeParameter('responseBody', 0) as string) }]];
        },
        ['responseBody'],
      ),
    },
  });
  expect(done.run.data.resultData.error).toBeUndefined();
  return { asked, kept, answer: done.output('Answer with Result')[0].json };
}

test('the seed’s workflow example: the job’s JSON reaches the node, and the answer is the seed’s result', async () => {
  const workflow = convertWorkflow(SEED, 'flow.json');
  expect(workflow).toMatchObject({ name: 'Background Replacement', active: false });
  expect(parametersOf('Job Arrives', workflow)).toMatchObject({ path: 'background-replacement' });
  const { asked, answer } = await run(workflow, { mediaId: 'media-123', inputPath: '/photos/mug.jpg' });
  expect(asked).toEqual([
    expect.objectContaining({
      ...{ mediaId: 'media-123', inputPath: '/photos/mug.jpg', preset: ['product-studio'] },
      overrides: '{"prompt":"clean white background, professional lighting"}',
    }),
  ]);
  expect(answer).toEqual({
    ...{ engine: 'studio', preset: 'marble', seed: 7, metrics: { elapsed_ms: 5 } },
    artifacts: { output: '/photos/mug-replaced.jpg', mask: '/photos/mug-mask-replaced.png' },
  });
});

test('variables inside of texts, lists and objects are filled in; those that a job leaves out are empty', async () => {
  const workflow = convert(
    replace({
      inputPath: '{{folder}}/{{ mediaId }}.jpg',
      preset: ['{{look}}', 'wood'],
      overrides: { prompt: 'it\'s {{word}} "}}" =x', light: { color: '{{tint}}' }, reflection: 0.3 },
      projectId: '{{project-id}}',
    }),
  );
  const body = { folder: '/photos', mediaId: 7, look: 'marble', word: 'white', 'project-id': 'p' };
  const { asked, kept } = await run(workflow, body);
  const [{ overrides, ...others }] = asked;
  expect(others).toMatchObject({ inputPath: '/photos/7.jpg', preset: ['marble', 'wood'], projectId: 'p' });
  expect(JSON.parse(overrides as string)).toEqual({
    ...{ prompt: 'it\'s white "}}" =x', light: { color: '' }, reflection: 0.3 },
  });
  expect(kept[0]).toBe('/photos/mug-replaced.jpg');
});

test('several nodes work one after the other on the same job, and the answer has all pictures', async () => {
  const workflow = convert(replace({ inputPath: '{{inputPath}}' }), replace({ inputPath: '{{other}}' }));
  const body = { inputPath: '/a/mug.jpg', other: 'https://example.com/mug.jpg' };
  const { asked, answer } = await run(workflow, body);
  expect(asked.map(({ inputPath }) => inputPath)).toEqual([body.inputPath, body.other]);
  expect((answer as unknown as { artifacts: object }[]).map(({ artifacts }) => artifacts)).toEqual([
    { output: '/a/mug-replaced.jpg', mask: '/a/mug-mask-replaced.png' },
    {
      output: '/home/node/.n8n-files/mug-replaced-2.jpg',
      mask: '/home/node/.n8n-files/mug-mask-replaced-2.png',
    },
  ]);
});

test('every parameter of the seed’s API has its place on the node, by both ways of writing it', () => {
  const { properties } = (pack.getNode('backgroundReplace').type as INodeType).description;
  const options = properties.find(({ name }) => name === 'options')!.options as INodeProperties[];
  const parameters = converted(Object.fromEntries(KNOWN_PARAMETERS.map((name) => [name, `{{${name}}}`])));
  expect(properties.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(parameters)));
  expect(options.map(({ name }) => name)).toEqual(
    expect.arrayContaining(Object.keys(parameters.options as object)),
  );
  expect(converted({ guidanceScale: 9, bgcolor: '#FFF', engine: 'Stable-Diffusion' })).toMatchObject({
    ...{ backdrop: 'sdxl', options: { guidanceScale: 9 } },
  });
});

test('a text that n8n would take for code stays a text', () => {
  expect(converted({ mediaId: '=1+1' })).toMatchObject({ mediaId: '={{ "=1+1" }}' });
});

test('the same file gives the same workflow, another one another', () => {
  expect(convertWorkflow(SEED, 'a.json')).toEqual(convertWorkflow(SEED, 'b.json'));
  expect(convertWorkflow({ ...SEED, name: 'Other' }, 'a.json').id).not.toBe(
    convertWorkflow(SEED, 'a.json').id,
  );
});

test('the note tells how to send a job with the variables of this file, and shows all of it beside the nodes', () => {
  const { nodes } = convertWorkflow(SEED, 'flow.json');
  const note = nodes.find(({ name }) => name === 'How to Use')!;
  const { content, width, height } = note.parameters as { content: string; width: number; height: number };
  expect(content).toContain('webhook/background-replacement');
  expect(content).toMatch(/-d '\{"mediaId":"media-123","inputPath":"[^"]+"\}'/);
  const needed = sizeOfText(content, width);
  expect([width >= needed.width, height >= needed.height]).toEqual([true, true]);
  const all = nodes as unknown as INode[];
  expect(overlaps([...all.filter((node) => !isNote(node)).map(boxOfNode), boxOfNote(note as never)])).toEqual(
    [],
  );
});

test('all that is not known is named at once, with its place', () => {
  const seed = {
    ...{ nodes: [{ type: 'upscale', parameters: {} }, 7], edges: [] },
  };
  seed.nodes.push(
    replace({ sead: 3, steps: 0, preset: '{{ upper(preset) }}', overrides: { prompt: '{{a.b}}' } }) as never,
    { ...replace({ inputPath: 'a {{b' }), id: '1' } as never,
    replace({}) as never,
  );
  let error!: VitrineError;
  try {
    convertWorkflow(seed, 'flow.json');
  } catch (thrown) {
    error = thrown as VitrineError;
  }
  expect(error).toMatchObject({ code: 'INVALID_PARAMETER', hint: expect.stringContaining('inputPath') });
  for (const problem of [
    'flow.json cannot be converted: ',
    'name: the name of the workflow is missing',
    'edges: no such field is known',
    'nodes[0].type: the type "upscale" is not known, only background-replace is',
    'nodes[1]: expected an object',
    'nodes[2].parameters.sead: no such parameter is known; seed is nearest',
    'nodes[2].parameters.steps: Expected steps to be a whole number from 1 to 100',
    'nodes[2].parameters.preset: the expression {{ upper(preset) }} is not known',
    'nodes[2].parameters.overrides.prompt: the expression {{a.b}} is not known',
    'nodes[3].id: no such field is known',
    'nodes[3].parameters.inputPath: the expression a {{b is not known',
    'nodes[4].parameters: inputPath is missing',
  ]) {
    expect(error.message).toContain(problem);
  }
});
