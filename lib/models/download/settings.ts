import type { WorkerConfig } from '../../contracts';

/** How models may be fetched. */
export interface DownloadSettings {
  offline: boolean;
  /** Address of the Hugging Face hub or a mirror. */
  hubEndpoint: string;
  hubToken?: string;
  /** Address under which `<model id>/<file name>` is tried first. */
  mirror?: string;
  /** Seconds until the first byte of an answer. */
  answerSeconds: number;
  /** Seconds without a byte after which a transfer is begun again where it stopped. */
  stallSeconds: number;
  /** Tries in a row that bring nothing, before a source is given up. */
  tries: number;
  /** Seconds before the second try; doubled each time. */
  pauseSeconds: number;
}

const DEFAULTS = { answerSeconds: 20, stallSeconds: 30, tries: 5, pauseSeconds: 0.5 };

export function downloadSettings(config: WorkerConfig): DownloadSettings {
  const { offline, hubEndpoint, hubToken, modelsMirror } = config;
  return { offline, hubEndpoint, hubToken, mirror: modelsMirror, ...DEFAULTS };
}
