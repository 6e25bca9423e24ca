import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { VitrineError, decoderEnvironment } from '../../contracts';

const run = promisify(execFile);
const VERSION_MS = 20_000;
/** Of libavfilter: `-fps_mode` came with ffmpeg 5.1; before it, and in no version since 8, there is `-vsync`. */
const FPS_MODE = [8, 44];

export interface Ffmpeg {
  path: string;
  /** Every frame with its own time: none doubled, none dropped. */
  passthrough: readonly string[];
}

/** By path: what was found out once. */
const known = new Map<string, Promise<Ffmpeg>>();

/**
 * @param path of FFMPEG_PATH; default: the one on PATH
 * @returns undefined where there is none on PATH
 * @throws VitrineError TOOL_MISSING where `path`, or what is on PATH, does not run
 */
export async function findFfmpeg(path?: string): Promise<Ffmpeg | undefined> {
  const found = path ?? (await onPath());
  if (found === undefined) return undefined;
  const looked = known.get(found) ?? lookAt(found);
  known.set(found, looked);
  try {
    return await looked;
  } catch (error) {
    known.delete(found);
    throw new VitrineError(
      {
        code: 'TOOL_MISSING',
        message: `${found} does not run as ffmpeg: ${(error as Error).message.split('\n')[0]}`,
        hint: 'Set FFMPEG_PATH to an ffmpeg that runs on this machine, or unset it to take the one on PATH.',
      },
      { cause: error },
    );
  }
}

async function onPath(): Promise<string | undefined> {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

async function lookAt(path: string): Promise<Ffmpeg> {
  const { stdout } = await ask(path, ['-version']);
  const [, major, minor] = /^libavfilter\s+(\d+)\.\s*(\d+)/m.exec(stdout) ?? [];
  if (!major) throw new Error('it tells no version');
  const isNew =
    Number(major) > FPS_MODE[0] || (Number(major) === FPS_MODE[0] && Number(minor) >= FPS_MODE[1]);
  return { path, passthrough: [isNew ? '-fps_mode' : '-vsync', 'passthrough'] };
}

/** Whether it has a decoder, or an encoder, of a name. */
export async function hasCodec(
  { path }: Ffmpeg,
  kind: 'decoder' | 'encoder',
  name: string,
): Promise<boolean> {
  const { stdout } = await ask(path, [`-${kind}s`]);
  return new RegExp(`^ \\S+ ${name} `, 'm').test(stdout);
}

function ask(path: string, args: string[]) {
  return run(path, ['-hide_banner', ...args], {
    env: decoderEnvironment(process.env),
    timeout: VERSION_MS,
    windowsHide: true,
  });
}
