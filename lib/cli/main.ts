#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { VitrineError, packVersion } from '../contracts';
import { EXIT, printError, sayDefect, sayLines } from './output';

/** Each is loaded when it is asked for: the libraries of all of them take longer than many a photo. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  remove: async () => (await import('./remove.js')).removeCommand(),
  replace: async () => (await import('./replace.js')).replaceCommand(),
  segment: async () => (await import('./segment.js')).segmentCommand(),
  augment: async () => (await import('./augment.js')).augmentCommand(),
  process: async () => (await import('./process.js')).processCommand(),
  models: async () => (await import('./models.js')).modelsCommand(),
  gpu: async () => (await import('./gpu.js')).gpuCommand(),
  serve: async () => (await import('./serve.js')).serveCommand(),
  workflow: async () => (await import('./workflow.js')).workflowCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
};

async function main(argv: string[]): Promise<void> {
  const program = new Command('vitrine')
    .description('Product photos in, publishable pictures out, on your own machine.')
    .version(packVersion)
    .showHelpAfterError('Add --help to see what this command takes.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => sayLines(text.trimEnd()) })
    .configureHelp({ showGlobalOptions: true });
  const [, , name = ''] = argv;
  // What names no command, such as --help, needs to know of all.
  const wanted = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const open of wanted) {
    program.addCommand((await open()).exitOverride().copyInheritedSettings(program));
  }
  await program.parseAsync(argv);
}

main(process.argv).catch((thrown: unknown) => {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    return;
  }
  const error = VitrineError.from(thrown);
  printError(error);
  sayDefect(error);
  process.exitCode = error.code === 'INVALID_PARAMETER' ? EXIT.usage : EXIT.failed;
});
