/** What a picker shows of a model; the registry entry without file lists and tensor details. */
export interface ModelSummary {
  /** Promised id, e.g. `plain`. */
  id: string;
  /** Name for people. */
  name: string;
  task: 'cutout';
  /** SPDX id or a short name. */
  license: string;
  /** Must be acknowledged before it can be downloaded. */
  gated: boolean;
  /** Bytes to download; 0 for built-in models. */
  bytes: number;
  /** Its files are on this machine. */
  available: boolean;
  /** One sentence: what it is good at. */
  description: string;
}
