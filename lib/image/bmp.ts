import { open } from 'node:fs/promises';
import { broken, checkSize } from './problems';
import { runFfmpeg } from './ffmpeg';
import { separate } from './separate';
import type { DecodedImage, DecodeOptions } from './types';

/**
 * Decodes a Windows bitmap with ffmpeg, since libvips has no reader for it here.
 * @throws VitrineError TOO_LARGE, INVALID_IMAGE, TOOL_MISSING, DEADLINE_EXCEEDED, CANCELLED
 */
export async function decodeBmp(file: string, options: DecodeOptions): Promise<DecodedImage> {
  const { width, height } = await readSize(file);
  const { limits, ffmpegPath, signal } = options;
  checkSize(width, height, limits);
  const bytes = await runFfmpeg({
    what: 'BMP',
    ffmpegPath,
    args: ['-f', 'bmp_pipe', '-i', file, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgba', 'pipe:1'],
    expectedBytes: width * height * 4,
    timeoutSeconds: limits.timeoutSeconds,
    signal,
  });
  const { rgb, alpha } = separate(bytes, width, height, 4);
  // Writers that know no alpha leave that byte 0.
  const real = alpha?.data.some((value) => value !== 0);
  return { rgb, ...(real ? { alpha } : {}), format: 'bmp', metadata: {} };
}

async function readSize(file: string): Promise<{ width: number; height: number }> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(26), 0, 26, 0);
    if (bytesRead < 26) throw broken('The BMP picture ends too early');
    const old = buffer.readUInt32LE(14) === 12;
    const [width, height] = old
      ? [buffer.readUInt16LE(18), buffer.readUInt16LE(20)]
      : [buffer.readInt32LE(18), Math.abs(buffer.readInt32LE(22))];
    return { width, height };
  } finally {
    await handle.close();
  }
}
