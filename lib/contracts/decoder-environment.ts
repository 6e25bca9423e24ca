/** What decoders need to find fonts and temporary files; no setting, key or token of ours. */
const ENVIRONMENT =
  /^(PATH|HOME|LANG|LC_.+|TMPDIR|TMP|TEMP|SYSTEMROOT|WINDIR|XDG_.+|FONTCONFIG_.+|LD_LIBRARY_PATH|MALLOC_.+)$/i;

/** What is left of `env` for a child process that decodes files of strangers. */
export function decoderEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => ENVIRONMENT.test(name)));
}
