import type { Progress } from '../contracts';
import type { DownloadProgress } from '../models';

/** A download is the part of a job before inference; its message tells the megabytes. */
export function downloading({ model, bytes, total }: DownloadProgress): Progress {
  const megabytes = (count: number) => Math.round(count / 1e6);
  const share = total ? Math.min(1, bytes / total) : 0;
  const message = `downloading ${model}: ${megabytes(bytes)} of ${total ? megabytes(total) : '?'} MB`;
  return { stage: 'download', fraction: 0.05 + 0.1 * share, message };
}
