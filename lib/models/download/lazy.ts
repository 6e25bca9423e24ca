import { createRequire } from 'node:module';
import type axios from 'axios';
import type { Parser } from 'tar';

/** npm's own reader of its settings. */
interface NpmConfig {
  load(): Promise<unknown>;
  readonly flat: Record<string, unknown>;
}

interface NpmDefinitions {
  definitions: unknown;
  shorthands: unknown;
  flatten: unknown;
}

export interface NpmResponse {
  status: number;
  headers: Iterable<[string, string]>;
  body: NodeJS.ReadableStream;
}

const load = createRequire(__filename);

// Only a download needs these, and loading them takes longer than many a job.
export const loadAxios = () => load('axios') as typeof axios;
// Those of the npm registry.
export const loadNpmConfig = () =>
  load('@npmcli/config') as new (options: Record<string, unknown>) => NpmConfig;
export const loadNpmDefinitions = () => load('@npmcli/config/lib/definitions') as NpmDefinitions;
export const loadNpmFetch = () =>
  load('npm-registry-fetch') as (path: string, options: Record<string, unknown>) => Promise<NpmResponse>;
export const loadTar = () => load('tar') as { Parser: typeof Parser };
