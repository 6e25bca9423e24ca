import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';

/**
 * Writes a video of a red box that walks over a plain backdrop, 160 x 120 at ten frames a second.
 * @param name its ending says the format
 * @returns its path
 */
export function writeClip(folder: string, name: string, frames = 6): string {
  const file = join(folder, name);
  const source = (size: string, color: string) => [
    ...['-f', 'lavfi', '-i', `color=c=${color}:s=${size}:r=10:d=${frames / 10}`],
  ];
  const sources = [...source('160x120', '0xececea'), ...source('48x56', '0xbe2c34')];
  const walk = ['-filter_complex', '[0][1]overlay=x=24+3*n:y=32:shortest=1', '-pix_fmt', 'yuv420p'];
  execFileSync(ffmpeg, ['-v', 'error', '-y', ...sources, ...walk, '-frames:v', `${frames}`, file]);
  return file;
}
