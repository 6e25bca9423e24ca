import { resolve } from 'node:path';
import { SECRET_VARIABLES } from '../../contracts';

/**
 * What an engine may inherit from n8n: how to find programs, devices, proxies and its own settings. Never
 * n8n's secrets.
 */
const ALLOWED = [
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.+|TZ|TMPDIR|TMP|TEMP)$/,
  /^(SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE)$/i,
  /^(LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|CUDA_.+|NVIDIA_.+|OMP_NUM_THREADS)$/,
  /^(https?_proxy|no_proxy|all_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i,
  /^npm_config_(registry|userconfig|globalconfig|proxy|https?[-_]proxy|noproxy|cafile)$/i,
  /^(VITRINE_.+|HF_.+|DEVICE|USE_FP16|BG_ENGINE|MODEL_ID|ALLOW_4K|DEBUG)$/,
  /^(FFMPEG_PATH|SUPABASE_URL|CALLBACK_URL)$/,
];

/** Where n8n's own nodes may read files when nothing is said. */
const N8N_FILES = '~/.n8n-files';

/** Settings of a public server that have no place in an engine for this host only. */
const OVERRULED = { VITRINE_TOKEN: undefined };

/**
 * What is left of `env` for an engine, the keys of its jobs' services with it. It may read files where n8n may, unless
 * VITRINE_DATA_ROOTS says otherwise.
 */
export function engineEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isAllowed = (name: string) =>
    SECRET_VARIABLES.includes(name) || ALLOWED.some((pattern) => pattern.test(name));
  const kept = Object.entries(env).filter(([name]) => isAllowed(name));
  const { VITRINE_DATA_ROOTS, N8N_RESTRICT_FILE_ACCESS_TO } = env;
  return {
    ...Object.fromEntries(kept),
    ...OVERRULED,
    VITRINE_DATA_ROOTS: VITRINE_DATA_ROOTS ?? fullPaths(N8N_RESTRICT_FILE_ACCESS_TO ?? N8N_FILES),
  };
}

/** n8n's list of folders, whose paths may start at the folder that n8n was started in. */
function fullPaths(list: string): string {
  const folders = list.split(';').map((folder) => folder.trim());
  const full = folders.map((folder) => (!folder || folder.startsWith('~') ? folder : resolve(folder)));
  return full.join(';');
}
