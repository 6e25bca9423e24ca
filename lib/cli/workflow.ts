import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { readJsonFile } from './json-file';
import { say } from './output';
import { Outputs, makeOutputFolder } from './outputs';
import { convertWorkflow } from './seed-workflow/convert';

const EXAMPLE =
  '{ "name": "Background Replacement", "nodes": [{ "type": "background-replace", "parameters": { … } }] }';

/** `vitrine workflow`: workflows of n8n. */
export function workflowCommand(): Command {
  const convert = new Command('convert')
    .description("Make a workflow that n8n imports of one of the older orchestrator's")
    .argument('<seed-workflow.json>', 'an object with name and nodes')
    .option('-o, --out <file>', 'where the workflow goes (default: stdout)')
    .action(runConvert);
  return new Command('workflow').description('Workflows of n8n').addCommand(convert);
}

async function runConvert(input: string, { out }: { out?: string }): Promise<void> {
  const seed = await readJsonFile(input, "the JSON file of an orchestrator's workflow", EXAMPLE);
  const workflow = convertWorkflow(seed, input);
  const text = `${JSON.stringify(workflow, null, 2)}\n`;
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  await deliver(text, out, input);
  say(`${out} (${workflow.nodes.length} nodes): import it in n8n by Import from File`);
}

/** All of the file or nothing, and never the one that was read. */
async function deliver(text: string, out: string, input: string): Promise<void> {
  const outputs = await Outputs.of({ files: [input], places: [] });
  await makeOutputFolder(dirname(out));
  await outputs.claim([out], input);
  const file = join(dirname(out), `.vitrine-${randomUUID()}.part`);
  try {
    await writeFile(file, text);
    await outputs.deliver([{ file, target: out }], input, [input]);
  } finally {
    await rm(file, { force: true });
  }
}
