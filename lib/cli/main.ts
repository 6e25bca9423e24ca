#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { VitrineError, packVersion } from '../contracts';
import { doctorCommand } from './doctor';
import { modelsCommand } from './models';
import { EXIT, printError, sayDefect, sayLines } from './output';
import { processCommand } from './process';
import { removeCommand } from './remove';
import { replaceCommand } from './replace';
import { serveCommand } from './serve';

async function main(argv: string[]): Promise<void> {
  const program = new Command('vitrine')
    .description('Product photos in, publishable pictures out, on your own machine.')
    .version(packVersion)
    .showHelpAfterError('Add --help to see what this command takes.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => sayLines(text.trimEnd()) })
    .configureHelp({ showGlobalOptions: true });
  const commands = [
    ...[removeCommand(), replaceCommand(), processCommand()],
    ...[modelsCommand(), serveCommand(), doctorCommand()],
  ];
  for (const command of commands) {
    program.addCommand(command.exitOverride().copyInheritedSettings(program));
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
