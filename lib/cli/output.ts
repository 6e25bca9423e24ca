import { UNPRINTABLE, type VitrineError } from '../contracts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, partlyFailed: 3 } as const;

/**
 * A text as one line that a terminal can only show: file names and the words of others may hold escape sequences,
 * line ends and marks that turn the direction of writing. They come as JSON writes them.
 * @example forTerminal('a\u001b[2J') // 'a\\u001b[2J'
 */
export function forTerminal(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** One JSON object on a line of its own; with `--json` nothing else goes to stdout. */
export function printJson(value: object): void {
  process.stdout.write(`${forTerminal(JSON.stringify(value))}\n`);
}

/** A line for people, on stderr so that stdout stays clean for pipes. */
export function say(text: string): void {
  process.stderr.write(`${forTerminal(text)}\n`);
}

/** A text of several lines, for people. */
export function sayLines(text: string): void {
  text.split('\n').forEach((line) => say(line));
}

/** @param subject what it happened to, e.g. a file */
export function printError(error: VitrineError, subject?: string): void {
  say(`${subject ? `${subject}: ` : ''}${error.message}`);
  say(`  ${error.hint}`);
}

/** Where a defect lies, for whoever its message sends here; of other errors nothing. */
export function sayDefect({ code, cause }: VitrineError): void {
  if (code === 'INTERNAL' && cause !== undefined) sayStack(cause);
}

/** An error of no kind that we know, with its place. */
export function sayStack(thrown: unknown): void {
  sayLines((thrown as Error | null)?.stack ?? String(thrown));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
