import { VitrineError, describeFileError } from '../../contracts';

/** @param reason continues "could not be started on this machine: " */
export function startFailed(
  reason: string,
  {
    hint = 'Run "npx vitrine doctor" in the folder of the node pack, or use a remote engine through the Vitrine Engine credential. n8n images on Alpine need a remote engine.',
    cause,
  }: { hint?: string; cause?: unknown } = {},
): VitrineError {
  const message = `The Vitrine engine could not be started on this machine: ${reason}`;
  return new VitrineError({ code: 'ENGINE_START_FAILED', message, hint }, { cause });
}

/** The home folder, or something in it, cannot be used. */
export function homeFailed(reason: string, remedy: string, cause?: unknown): VitrineError {
  const user = process.getuid?.() ?? 'unknown';
  return startFailed(`${reason} (user id ${user})`, {
    hint: `${remedy} Or set VITRINE_HOME to a folder of this user, or to one that is not there yet.`,
    cause,
  });
}

/** What the file system said on the way to an engine becomes an error of its start; others stay as they are. */
export function explainStart(error: unknown): unknown {
  const file = error instanceof VitrineError ? undefined : describeFileError(error);
  return file ? homeFailed(file.message, file.hint, error) : error;
}
