import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import {
  DEVICES,
  FRONT_AND_BACK_OUTPUTS,
  type FrontAndBackOutput,
  type FrontAndBackParams,
  type FrontAndBackResult,
  type Links,
  type OptionsOf,
  VitrineError,
  fileSafeId,
  frontAndBackFile,
  invalid,
  isWebAddress,
  loadConfig,
  parametersOf,
  readJobRequest,
} from '../contracts';
import { download, frontAndBack, moveFile } from '../engine';
import { tellDownload } from './download-bar';
import { refuseOverwritingInput } from './inputs';
import { EXIT, printError, printJson, say } from './output';
import { withWorkers } from './workers';

interface Options extends OptionsOf<typeof frontAndBackFile> {
  out: string;
  json?: boolean;
}

type Written = { input: string } & FrontAndBackResult;

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
    .option('--json', 'print one JSON object on stdout')
    .action(run);
}

async function run(input: string, options: Options): Promise<void> {
  try {
    const result = await work(input, options);
    if (options.json) printJson(result);
    else describe(result);
    process.exitCode = Object.keys(result.errors).length ? EXIT.partlyFailed : EXIT.done;
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    if (!options.json || ['INVALID_PARAMETER', 'INTERNAL'].includes(error.code)) throw thrown;
    printJson({ input, error });
    process.exitCode = EXIT.failed;
  }
}

async function work(input: string, options: Options): Promise<Written> {
  const config = loadConfig();
  const job = {
    device: config.device,
    ...(await readJob(input)),
    ...parametersOf(frontAndBackFile, options),
  };
  const { params: asked, secrets } = readJobRequest('front-and-back', job, frontAndBackFile);
  const params = localised(asked, dirname(resolve(input)));
  const target = (output: FrontAndBackOutput) =>
    join(options.out, `design_${fileSafeId(params.id)}_${output}.png`);
  for (const picture of [params.output.front, params.output.back]) {
    if (picture) FRONT_AND_BACK_OUTPUTS.forEach((output) => refuseOverwritingInput(picture, target(output)));
  }

  return withWorkers(config, ({ pool, workspace, signal }) =>
    workspace.withFolder(async (folder) => {
      const fetch = async (source: string, into: string) =>
        isWebAddress(source) ? (await download(source, into, config, signal)).file : existing(source);
      const onProgress = tellDownload();
      const onDefect = (error: unknown) => say((error as Error)?.stack ?? String(error));
      const run = { pool, config, params, secrets, files: {}, folder, signal, onProgress, onDefect };
      const done = await frontAndBack(run, fetch);
      await mkdir(options.out, { recursive: true });
      const paths: Links<'front-and-back'> = {};
      for (const output of FRONT_AND_BACK_OUTPUTS) {
        const made = done.artifacts[output];
        if (!made) continue;
        paths[output] = target(output);
        await moveFile(made, paths[output]);
      }
      return { input, ...done.result(paths) };
    }),
  );
}

async function readJob(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new VitrineError({
      code: 'NOT_FOUND',
      message: `${file} cannot be read (${error.code})`,
      hint: 'Name a JSON file with id and output, as POST /process takes it.',
    });
  });
  try {
    const job: unknown = JSON.parse(text);
    if (typeof job === 'object' && job !== null && !Array.isArray(job)) return job as Record<string, unknown>;
  } catch {
    // Said below; the parser's own words could quote a secret of the file.
  }
  const example = '{ "id": 123, "output": { "front": "front.jpg" } }';
  throw invalid(
    file,
    'a file with a JSON object',
    'something else',
    `Write ${example}; a JSON checker shows the place.`,
  );
}

/** Paths are meant from where the job file lies. */
function localised(request: FrontAndBackParams, folder: string): FrontAndBackParams {
  const { front, back } = request.output;
  const local = (source: string) => (isWebAddress(source) ? source : resolve(folder, source));
  return { ...request, output: { front: local(front), back: back && local(back) } };
}

async function existing(file: string): Promise<string> {
  const info = await stat(file).catch(() => undefined);
  if (info?.isFile()) return file;
  throw new VitrineError({
    code: 'NOT_FOUND',
    message: `${file} ${info ? 'is no file' : 'does not exist'}`,
    hint: 'Correct the path in the job file; it is meant from where that file lies.',
  });
}

function describe(result: Written): void {
  for (const output of FRONT_AND_BACK_OUTPUTS) {
    const made = result.models[output];
    const error = result.errors[output];
    if (made) say(`${result[output]} (${made.model} on ${made.device})`);
    if (error) printError(VitrineError.fromBody(error), output);
  }
  result.warnings.forEach(say);
  say(`${result.processing_time_seconds} s`);
}
