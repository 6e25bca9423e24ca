import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import sharp from 'sharp';
import { packageRoot } from '../lib/contracts';
import { exampleCutout } from '../test/support/pictures';

const RATE = 25;

/** What a clip shows, from 0 at its first frame to 1 at its last: a frame of raw RGB. */
type Draw = (time: number, size: Size) => Promise<Buffer>;

interface Size {
  width: number;
  height: number;
}

const example = (name: string) => join(packageRoot, 'examples', name);

/** A camera that goes past a photo of the examples, and comes nearer. */
export function past(photo: string): Draw {
  return async (time, { width, height }) => {
    const whole = await sharp(example(photo)).metadata();
    const across = Math.round(whole.width * (0.92 - 0.14 * Math.sin(Math.PI * time)));
    const down = Math.min(whole.height, Math.round((across * height) / width));
    const left = Math.round((whole.width - across) * (0.5 + 0.45 * Math.cos(Math.PI * time)));
    const top = Math.round((whole.height - down) * 0.62);
    return sharp(example(photo))
      .extract({ left, top, width: across, height: down })
      .resize(width, height, { fit: 'fill' })
      .raw()
      .toBuffer();
  };
}

/** A product of the examples that is carried through the picture of another, and turned a little. */
export function carried(product: string, scene: string): Draw {
  return async (time, { width, height }) => {
    const side = Math.round(height * (0.62 + 0.1 * Math.sin(2 * Math.PI * time)));
    const { data, info } = await sharp(await exampleCutout(product))
      .resize(side, side, { fit: 'inside' })
      .rotate(12 * Math.sin(2 * Math.PI * time), { background: '#00000000' })
      .toBuffer({ resolveWithObject: true });
    const left = Math.round((width - info.width) * (0.25 + 0.5 * time));
    const top = Math.max(0, Math.round((height - info.height) * 0.6));
    return sharp(example(scene))
      .resize(width, height, { fit: 'cover' })
      .blur(4)
      .removeAlpha()
      .composite([{ input: data, left, top }])
      .removeAlpha()
      .raw()
      .toBuffer();
  };
}

/** Writes a clip as MP4 with H.264. */
export async function writeClip(file: string, draw: Draw, frames: number, size: Size): Promise<void> {
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${size.width}x${size.height}`,
    '-r',
    `${RATE}`,
  ];
  const output = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-pix_fmt', 'yuv420p'];
  const args = ['-v', 'error', '-y', ...input, '-i', '-', ...output, file];
  const child = spawn(ffmpeg.path, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  for (let i = 0; i < frames; i++) {
    const frame = await draw(i / Math.max(1, frames - 1), size);
    if (!child.stdin.write(frame)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number];
  if (code) throw new Error(`ffmpeg ended with ${code}`);
}
