import { stat } from 'node:fs/promises';
import axios from 'axios';
import { type Config, VitrineError, isPackaged } from '../contracts';
import {
  acceptedLicenses,
  isAvailable,
  loadRegistry,
  needsAcknowledgement,
  Speeds,
  type ModelEntry,
  type Registry,
} from '../models';
import { type Host, thisHost } from '../runtime';
import type { Finding } from './finding';

/** The models folder and the licences of what is in it. */
export async function models(config: Config): Promise<Finding[]> {
  let registry: Registry;
  try {
    registry = await loadRegistry(config.modelsDir, config.halfPrecision);
  } catch (error) {
    const { message, hint } = VitrineError.from(error);
    return [{ check: 'models', status: 'fail', detail: message, next: hint }];
  }
  const here = registry.models
    .filter((entry) => !isPackaged(entry))
    .filter((entry) => isAvailable(registry, entry));
  const packaged = registry.models
    .filter(isPackaged)
    .map(({ id }) => id)
    .join(' and ');
  const folder = (await exists(registry.modelsDir))
    ? registry.modelsDir
    : `${registry.modelsDir} (not there yet)`;
  if (!here.length) {
    return [
      {
        check: 'models',
        status: 'ok',
        detail: `${packaged} come with the package; nothing else in ${folder}`,
        next: 'For fine edges in any scene: `vitrine models pull birefnet-lite` (181 MB, MIT).',
      },
    ];
  }
  const ids = here.map(({ id }) => id).join(', ');
  // Files that the user put there have no download to accept anything for.
  const bound = here.filter((entry) => needsAcknowledgement(entry) && isDownloaded(entry));
  const accepted = await acceptedLicenses(registry);
  const open = bound.filter(
    ({ id, license }) => !accepted.some((one) => one.model === id && one.license === license),
  );
  const names = (list: typeof here) => list.map(({ id, license }) => `${id} (${license})`).join(', ');
  return [
    { check: 'models', status: 'ok', detail: `${packaged} of the package, ${ids} in ${folder}` },
    licences(),
  ];

  function licences(): Finding {
    if (!bound.length)
      return { check: 'licences', status: 'ok', detail: 'every network here allows any use' };
    const detail = `${names(bound)}: not for any use, so \`auto\` never takes them`;
    if (!open.length) return { check: 'licences', status: 'ok', detail: `${detail}; all accepted` };
    return {
      check: 'licences',
      status: 'warn',
      detail: `${detail}; not accepted on this machine: ${names(open)}`,
      next: `Read the licence, then run \`vitrine models pull ${open[0].id} --accept-license ${open[0].license}\`, or remove the files.`,
    };
  }
}

/** How fast networks ran where there was a choice of devices or files, what is taken first; nothing before that. */
export async function speeds(
  { device, halfPrecision, homeDir, modelsDir, threads }: Config,
  host: Host = thisHost(homeDir),
): Promise<Finding[]> {
  // A registry that is broken is told of by `models`.
  const registry = await loadRegistry(modelsDir, halfPrecision).catch(() => undefined);
  const known = new Speeds(homeDir, { threads, host });
  const findings: Finding[] = [];
  for (const entry of registry?.models ?? []) {
    if (!('files' in entry)) continue;
    const ways = await known.remembered(registry!, entry, { device, strictDevice: false });
    const texts = ways.map((way) => {
      const digits = way.milliseconds < 100 ? 1 : 0;
      return `${way.entry.precision} files on ${way.device} ${way.milliseconds.toFixed(digits)} ms`;
    });
    const [taken, ...others] = texts;
    const rest = others.length ? ` (${others.join(', ')})` : '';
    if (taken) findings.push({ check: 'speed', status: 'ok', detail: `${entry.id}: ${taken}${rest}` });
  }
  return findings;
}

function isDownloaded(entry: ModelEntry): boolean {
  return (
    'files' in entry && entry.files.some(({ sources }) => !sources.some((one) => one.startsWith('file:')))
  );
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

/** Whether model files could be downloaded now. The proxy variables hold here as well. */
export async function hub({ offline, hubEndpoint: endpoint }: Config): Promise<Finding> {
  if (offline) return { check: 'hub', status: 'ok', detail: 'not asked: VITRINE_OFFLINE is set' };
  try {
    const { status } = await axios.head(endpoint, { timeout: 5000, validateStatus: () => true });
    return { check: 'hub', status: 'ok', detail: `${endpoint} answers (${status})` };
  } catch (error) {
    return {
      check: 'hub',
      status: 'warn',
      detail: `${endpoint} cannot be reached: ${(error as Error).message || (error as NodeJS.ErrnoException).code}`,
      next: 'Needed for downloading models only: set HTTPS_PROXY or HF_ENDPOINT (a mirror), put the files into the models folder by hand, or set VITRINE_OFFLINE=true.',
    };
  }
}
