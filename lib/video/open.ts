import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { VitrineError, throwIfAborted } from '../contracts';
import { UNSUPPORTED, sniff } from '../image';
import { openWithFfmpeg } from './ffmpeg';
import { findFfmpeg } from './ffmpeg/find';
import { broken, checkVideoBytes, checkVideoSize, noDecoder } from './problems';
import { Reader } from './reader';
import type { OpenOptions, VideoReader } from './types';
import { openWithWebCodecs } from './webcodecs';

const HEAD_BYTES = 4096;

/** What may be a video although its first bytes do not say so, and what is one. */
const LET_THROUGH = ['video', 'gif', 'audio', 'unknown'];

/**
 * Looks at a video, and makes it ready to be read: with the ffmpeg of this machine, or without one with the decoder that
 * comes along.
 * @param file its path
 * @throws VitrineError TOO_LARGE; INVALID_VIDEO for what is no video, or has no frame that can be read;
 *   UNSUPPORTED_FORMAT; TOOL_MISSING where nothing here decodes videos; CANCELLED
 */
export async function openVideo(file: string, options: OpenOptions): Promise<VideoReader> {
  const { limits, ffmpegPath, folder, signal, decoder } = options;
  throwIfAborted(signal);
  await checkHead(file, options);
  const { stallSeconds, maxPixels } = limits;
  const source = { file: resolve(file), folder, stallSeconds, maxPixels, signal };
  const ffmpeg = decoder === 'webcodecs' ? undefined : await findFfmpeg(ffmpegPath);
  if (decoder === 'ffmpeg' && !ffmpeg) throw noDecoder();
  try {
    const video = ffmpeg ? await openWithFfmpeg(ffmpeg, source) : await openWithWebCodecs(source);
    checkVideoSize(video.info, limits);
    return new Reader(ffmpeg ? 'ffmpeg' : 'webcodecs', video);
  } catch (error) {
    throwIfAborted(signal);
    throw VitrineError.from(error);
  }
}

/** What needs no decoder to be refused. */
async function checkHead(file: string, { limits }: OpenOptions): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    checkVideoBytes(size, limits);
    if (size === 0)
      throw broken('The video file is empty', 'Send it again; it may not have been uploaded whole.');
    checkKind(await firstBytes(handle));
  } finally {
    await handle.close();
  }
}

async function firstBytes(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

function checkKind(head: Buffer): void {
  const kind = sniff(head);
  if (LET_THROUGH.includes(kind)) return;
  const [name, hint] =
    kind in UNSUPPORTED ? UNSUPPORTED[kind as keyof typeof UNSUPPORTED] : [`a picture (${kind})`];
  throw broken(
    `The file is ${name}, not a video`,
    /link/.test(hint ?? '')
      ? hint
      : 'Send a video: MP4, MOV or WebM at best. Pictures are cut out by Remove Background.',
  );
}
