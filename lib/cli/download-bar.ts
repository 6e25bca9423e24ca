import { SingleBar } from 'cli-progress';
import type { Progress } from '../contracts';
import { say } from './output';

/** Shows how far downloads are, on stderr: a bar on a terminal, a line each quarter elsewhere. */
export class DownloadBar {
  private bar?: SingleBar;
  private model = '';
  private quarter = -1;

  /** @param total bytes; 0 while nobody knows */
  update(model: string, bytes: number, total: number): void {
    if (model !== this.model) this.begin(model, total);
    if (this.bar) {
      this.bar.setTotal(megabytes(total));
      this.bar.update(megabytes(bytes));
      return;
    }
    const quarter = total ? Math.min(4, Math.floor((4 * bytes) / total)) : 0;
    if (quarter === this.quarter) return;
    this.quarter = quarter;
    const of = total ? `${megabytes(bytes)} of ${megabytes(total)} MB` : `${megabytes(bytes)} MB`;
    say(`Downloading ${model}: ${of}`);
  }

  /** Takes the bar off the screen. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
    this.model = '';
  }

  private begin(model: string, total: number): void {
    this.stop();
    this.model = model;
    this.quarter = -1;
    if (!process.stderr.isTTY) return;
    this.bar = new SingleBar({
      format: `Downloading ${model} {bar} {value} of {total} MB, {eta_formatted} left`,
      hideCursor: true,
      stream: process.stderr,
      clearOnComplete: true,
    });
    this.bar.start(megabytes(total), 0);
  }
}

/**
 * Tells of downloads that jobs wait for, whatever bar is on the screen: now and then a line, once for all jobs that
 * wait for the same one.
 */
export function tellDownload(): (event: Progress) => void {
  let step = -1;
  return ({ stage, fraction, message }) => {
    const now = Math.floor(fraction * 40);
    if (stage !== 'download' || !message || now <= step) return;
    step = now;
    say(`${message[0].toUpperCase()}${message.slice(1)}`);
  };
}

/** Whole megabytes. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
