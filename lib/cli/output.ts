import type { VitrineError } from '../contracts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, partlyFailed: 3 } as const;

/** One JSON object on a line of its own; with `--json` nothing else goes to stdout. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A line for people, on stderr so that stdout stays clean for pipes. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @param subject what it happened to, e.g. a file */
export function printError(error: VitrineError, subject?: string): void {
  say(`${subject ? `${subject}: ` : ''}${error.message}\n  ${error.hint}`);
}
