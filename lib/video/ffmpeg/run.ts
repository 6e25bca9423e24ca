import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { decoderEnvironment } from '../../contracts';
import { DecoderProcess } from '../process';
import type { Source } from '../types';
import type { Ffmpeg } from './find';

/** Containers that are read. Not among them: lists that name further files, devices, single pictures, streams without times. */
const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,dv,ivf,apng';
/** By how much a decoder's frames may exceed the limit, in whose blocks they end: what is shown of them is checked later. */
const MARGIN = 1.1;
/** Lines of its messages that are kept. */
const KEPT_LINES = 40;

/** A running ffmpeg, and what it says. */
export class FfmpegProcess extends DecoderProcess {
  /** Its last messages. */
  readonly messages: string[] = [];

  /**
   * @param before options of the input
   * @param after what is made of it
   * @param onMessage told every line
   * @param onSilence told when there will be none any more
   */
  static start(
    ffmpeg: Ffmpeg,
    source: Source,
    [before, after]: [before: readonly string[], after: readonly string[]],
    onMessage: (line: string) => void,
    onSilence: () => void = () => undefined,
  ): FfmpegProcess {
    // Larger frames are refused before memory is taken for them, amid a video as well.
    const pixels = `${Math.ceil(source.maxPixels * MARGIN) + 4096}`;
    const input = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', FORMATS, '-max_pixels', pixels];
    const args = [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info'],
      ...[...input, ...before, '-i', `file:${source.file}`, ...after],
    ];
    const child = spawn(ffmpeg.path, args, {
      cwd: source.folder,
      env: decoderEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const started = new FfmpegProcess(child, source);
    const lines = createInterface({ input: child.stderr, crlfDelay: Infinity });
    lines.on('line', (line) => {
      started.messages.push(line);
      if (started.messages.length > KEPT_LINES) started.messages.shift();
      onMessage(line);
    });
    lines.on('close', onSilence);
    return started;
  }

  /** The last complaint, without addresses of its memory and the path of the file. */
  reason(file: string): string {
    const complaints = this.messages.filter((line) =>
      /invalid|error|not found|could not|unsupported|no such|moov/i.test(line),
    );
    const last = complaints.at(-1) ?? this.messages.at(-1) ?? 'it said nothing';
    return last
      .replaceAll(`file:${file}`, 'the file')
      .replaceAll(file, 'the file')
      .replace(/^\[(\S+) @ \w+\] /, '')
      .slice(0, 200);
  }
}
