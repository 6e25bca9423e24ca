import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import {
  DEVICES,
  FRONT_AND_BACK_OUTPUTS,
  type FrontAndBackOutput,
  type FrontAndBackParams,
  type FrontAndBackResult,
  type OptionsOf,
  VitrineError,
  fileSafeId,
  frontAndBackFile,
  isWebAddress,
  loadConfig,
  parametersOf,
  readJobRequest,
} from '../contracts';
import { download, frontAndBack } from '../engine';
import { tellDownload } from './download-bar';
import { ifThere } from './files';
import { readJsonFile } from './json-file';
import { EXIT, printError, printJson, say, sayStack } from './output';
import { ON_EXISTING_HELP, Outputs, checkOutputFolder, makeOutputFolder, readOnExisting } from './outputs';
import { withWorkers } from './workers';

const EXAMPLE = '{ "id": 123, "output": { "front": "front.jpg" } }';

interface Options extends OptionsOf<typeof frontAndBackFile> {
  out: string;
  json?: boolean;
  onExisting?: string;
}

type Designs = Partial<Record<FrontAndBackOutput, string>>;
type Written = { input: string } & FrontAndBackResult;
type Skipped = { input: string; id: FrontAndBackParams['id']; skipped: true } & Designs;

/** `vitrine process`: a product's front and back, each by two networks. */
export function processCommand(): Command {
  return new Command('process')
    .description("Cut a product's front and back out, each with RMBG 2.0 and with BiRefNet")
    .argument('<job.json>', 'as POST /process takes it; front and back may be files, relative to this one')
    .requiredOption('-o, --out <dir>', 'where design_<id>_front_rmbg.png and the others go')
    .option('--rmbg-model <id>', 'network of *_rmbg (default: rmbg-2.0)')
    .option('--birefnet-model <id>', 'network of *_birefnet (default: birefnet)')
    .option('--prompt <text>', 'have Gemini clean each picture up first; needs GEMINI_API_KEY')
    .option('--gemini-model <id>', 'the Gemini model that does so (default: VITRINE_GEMINI_MODEL)')
    .option('--device <device>', `${DEVICES.join('|')} (default: DEVICE, else auto)`)
    .option('--strict-device', 'fail instead of falling back to another device')
    .option('--on-existing <what>', ON_EXISTING_HELP)
    .option('--json', 'print one JSON object on stdout')
    .action(run);
}

async function run(input: string, options: Options): Promise<void> {
  try {
    const result = await work(input, options);
    if (options.json) printJson(result);
    else describe(result);
    const failed = 'errors' in result && Object.keys(result.errors).length > 0;
    process.exitCode = failed ? EXIT.partlyFailed : EXIT.done;
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    if (!options.json || ['INVALID_PARAMETER', 'INTERNAL'].includes(error.code)) throw thrown;
    printJson({ input, error });
    process.exitCode = EXIT.failed;
  }
}

async function work(input: string, options: Options): Promise<Written | Skipped> {
  const onExisting = readOnExisting(options.onExisting);
  const config = loadConfig();
  const job = {
    ...(await readJsonFile(input, 'a JSON file with id and output, as POST /process takes it', EXAMPLE)),
    ...parametersOf(frontAndBackFile, options),
  };
  const { params: asked, secrets } = readJobRequest('front-and-back', job, frontAndBackFile);
  const params = localised(asked, dirname(resolve(input)));
  const designs = designsOf(params, options.out);
  const photos = [params.output.front, params.output.back].filter(isLocal);
  const files = [input, ...photos];
  const places = files.map((file) => ({ folder: dirname(file), deep: false }));
  const outputs = await Outputs.of({ files, places, onExisting });
  await checkOutputFolder(options.out);
  const open = await outputs.claim(Object.values(designs), input);
  if (!open.length) return { input, id: params.id, skipped: true, ...designs };

  return withWorkers(config, ({ pool, workspace, signal }) =>
    workspace.withFolder(async (folder) => {
      const fetch = async (source: string, into: string) =>
        isWebAddress(source) ? (await download(source, into, config, signal)).file : existing(source);
      const onProgress = tellDownload();
      const run = {
        ...{ pool, config, params, secrets, files: {}, folder, signal, onProgress },
        onDefect: sayStack,
      };
      const done = await frontAndBack(run, fetch);
      const paths: Designs = {};
      const made: { file: string; target: string }[] = [];
      for (const output of FRONT_AND_BACK_OUTPUTS) {
        const file = done.artifacts[output];
        const target = designs[output];
        if (!file || !target) continue;
        paths[output] = target;
        made.push({ file, target });
      }
      await makeOutputFolder(options.out);
      await outputs.deliver(made, input, photos);
      return { input, ...done.result(paths) };
    }),
  );
}

/** Where the designs of a job go: two for its front, and two for its back where there is one. */
function designsOf({ id, output: { back } }: FrontAndBackParams, folder: string): Designs {
  const asked = FRONT_AND_BACK_OUTPUTS.filter((output) => back || output.startsWith('front'));
  return Object.fromEntries(
    asked.map((output) => [output, join(folder, `design_${fileSafeId(id)}_${output}.png`)]),
  );
}

function isLocal(source: string | undefined): source is string {
  return source !== undefined && !isWebAddress(source);
}

/** Paths are meant from where the job file lies. */
function localised(request: FrontAndBackParams, folder: string): FrontAndBackParams {
  const { front, back } = request.output;
  const local = (source: string) => (isWebAddress(source) ? source : resolve(folder, source));
  return { ...request, output: { front: local(front), back: back && local(back) } };
}

async function existing(file: string): Promise<string> {
  const info = await ifThere(stat(file));
  if (info?.isFile()) return file;
  throw new VitrineError({
    code: 'NOT_FOUND',
    message: `${file} ${info ? 'is no file' : 'does not exist'}`,
    hint: 'Correct the path in the job file; it is meant from where that file lies.',
  });
}

function describe(result: Written | Skipped): void {
  if ('skipped' in result) {
    say(`${result.input}: all its designs are there already, skipped`);
    return;
  }
  for (const output of FRONT_AND_BACK_OUTPUTS) {
    const made = result.models[output];
    const error = result.errors[output];
    if (made) say(`${result[output]} (${made.model} on ${made.device})`);
    if (error) printError(VitrineError.fromBody(error), output);
  }
  result.warnings.forEach(say);
  say(`${result.processing_time_seconds} s`);
}
