import { readFile } from 'node:fs/promises';
import { VitrineError, invalid, isConfidential, isWebAddress, packVersion } from '../contracts';
import { type EngineClient, type EngineHealth, engineClient } from '../engine/client';
import type { Finding } from './finding';

const ENOUGH_DISK_GB = 1;
/** Seconds that clocks may differ: receivers of callbacks refuse what is minutes old or comes from the future. */
const CLOCK_SECONDS = 60;

/**
 * `vitrine doctor --engine URL`: looks at an engine from here, as n8n would.
 * @param tokenFile in place of VITRINE_TOKEN
 * @throws VitrineError INVALID_PARAMETER for what is no address, FILE_ERROR for a token file that cannot be read
 */
export async function engineFindings(url: string, tokenFile?: string): Promise<Finding[]> {
  if (!isWebAddress(url))
    throw invalid('--engine', 'the http or https address of an engine, e.g. http://gpu-box:8089', url);
  const text = tokenFile === undefined ? process.env.VITRINE_TOKEN : await readFile(tokenFile, 'utf8');
  const client = engineClient({ urls: [url], token: text?.trim() || undefined });
  const asked = Date.now();
  let health: EngineHealth;
  try {
    health = await client.health();
  } catch (error) {
    const { code, message, hint } = VitrineError.from(error);
    return [
      { check: 'engine', status: code === 'ENGINE_RETIRING' ? 'warn' : 'fail', detail: message, next: hint },
    ];
  }
  const halfway = (asked + Date.now()) / 2;
  return [
    reached(url),
    version(health),
    ...(await token(client)),
    devices(health),
    queue(health),
    clock(health, halfway),
    disk(health),
    problems(health),
  ].flat();
}

function reached(url: string): Finding {
  if (isConfidential(url)) return { check: 'engine', status: 'ok', detail: `${url} answers` };
  return {
    check: 'engine',
    status: 'ok',
    detail: `${url} answers, in plain http: keys of Gemini, Runway and Supabase are not sent there`,
    next: 'To send keys with jobs, put TLS before the engine; or give the engine the keys in its own environment.',
  };
}

function version(health: EngineHealth): Finding {
  if (health.version === packVersion)
    return { check: 'version', status: 'ok', detail: `${packVersion}, as here` };
  return {
    check: 'version',
    status: 'warn',
    detail: `${health.version} there, ${packVersion} here`,
    next: 'Install the same version on both: options that one of them does not know are refused.',
  };
}

/** Its models, which need the token and a worker. */
async function token(client: EngineClient): Promise<Finding[]> {
  try {
    const models = await client.models();
    const here = models.filter(({ available }) => available).map(({ id }) => id);
    return [
      { check: 'token', status: 'ok', detail: 'accepted' },
      { check: 'models', status: 'ok', detail: here.join(', ') },
    ];
  } catch (error) {
    const { code, message, hint } = VitrineError.from(error);
    const check = code === 'UNAUTHORIZED' || code === 'FORBIDDEN' ? 'token' : 'worker';
    const next =
      check === 'token'
        ? 'Set VITRINE_TOKEN here to the VITRINE_TOKEN of the engine, or name a file that holds it: --token-file.'
        : hint;
    return [{ check, status: 'fail', detail: message, next }];
  }
}

function devices({ devices = [], device, jobs, models_loaded: loaded }: EngineHealth): Finding {
  const usable = devices.filter((each) => each.usable).map((each) => each.device);
  const workers = jobs?.remove?.workers ?? 1;
  const ready = loaded.length ? loaded.map((each) => `${each.model} on ${each.device}`).join(', ') : 'none';
  const detail = `networks can run on ${usable.join(', ') || device} in ${workers} ${workers === 1 ? 'worker' : 'workers'}; held ready: ${ready}`;
  const idle = devices.find((each) => !each.usable && each.next);
  if (!idle) return { check: 'devices', status: 'ok', detail };
  return {
    check: 'devices',
    status: 'warn',
    detail: `${detail}; ${idle.device} cannot be used: ${idle.reason}`,
    next: idle.next,
  };
}

function queue({ queue, jobs, configuration }: EngineHealth): Finding {
  const { running, waiting, coming = 0 } = queue;
  const seconds = jobs?.remove?.seconds;
  const pace = seconds === undefined ? '' : `; a cutout takes ${seconds.toFixed(1)} s`;
  const limit = configuration?.max_queue ?? Infinity;
  const perMinute = configuration?.requests_per_minute;
  const detail = `${running} jobs running, ${waiting} waiting, ${coming} on their way${pace}`;
  if (waiting >= limit) {
    const next = 'Send fewer jobs at a time, add an engine, or raise VITRINE_MAX_QUEUE there.';
    return { check: 'queue', status: 'warn', detail: `${detail}: it is full`, next };
  }
  if (!perMinute) return { check: 'queue', status: 'ok', detail };
  return {
    check: 'queue',
    status: 'ok',
    detail: `${detail}; it takes ${perMinute} a minute`,
    next: 'For more, start it with another BG_REQS_PER_MIN (0: no limit).',
  };
}

function clock({ time }: EngineHealth, here: number): Finding[] {
  if (time === undefined) return [];
  const seconds = Math.round((Date.parse(time) - here) / 1000);
  if (Math.abs(seconds) < CLOCK_SECONDS)
    return [{ check: 'clock', status: 'ok', detail: 'agrees with the one here' }];
  const next = 'Set both by NTP: receivers refuse signed callbacks whose time is wrong.';
  const detail = `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the one here`;
  return [{ check: 'clock', status: 'warn', detail, next }];
}

function disk({ disk_free_bytes: bytes }: EngineHealth): Finding[] {
  if (typeof bytes !== 'number') return [];
  const detail = `${(bytes / 1e9).toFixed(1)} GB free for jobs and results`;
  if (bytes >= ENOUGH_DISK_GB * 1e9) return [{ check: 'disk', status: 'ok', detail }];
  const next = 'Free some space there, or set OUTPUT_DIR and VITRINE_TEMP_DIR to another disk.';
  return [{ check: 'disk', status: 'warn', detail, next }];
}

function problems({ problems }: EngineHealth): Finding[] {
  return problems.map((detail) => ({ check: 'log', status: 'warn', detail }));
}
