import { setTimeout as sleep } from 'node:timers/promises';
import { hostileKinds } from './hostile';
import { largePhoto, photo } from './pictures';
import { holdings, restOf } from './processes';

/** Callers with good photos, at the same time. */
export const GOOD_CLIENTS = 16;
/** Seconds of good photos alone in which it is looked what the engine holds. */
const LOOKS = 8;

export interface Siege {
  /** Milliseconds from sending each good photo until its cutout was here. */
  times: number[];
  /** What became of good photos that were not cut out. */
  failures: string[];
  /** What became of each hostile kind, as often as it came. */
  hostile: Record<string, string[]>;
}

/** Good photos alone. */
export async function peace(engine: string, seconds: number): Promise<Siege> {
  const siege: Siege = { times: [], failures: [], hostile: {} };
  const end = performance.now() + seconds * 1000;
  await goodClients(engine, siege, () => performance.now() > end);
  return siege;
}

/** Megabytes that an engine and its worker hold at the least, looked at while good photos come alone (Linux). */
export async function heldMegabytes(engine: string, pid: number): Promise<number> {
  const { residentBytes } = await holdings(await restOf(pid, 1), LOOKS, () => peace(engine, 1));
  return residentBytes / 1024 / 1024;
}

/**
 * Good photos, while one caller sends each hostile kind in turn and another hangs up in mid-job, again and again.
 * It lasts `seconds`, and until every kind was there once.
 */
export async function siege(engine: string, seconds: number): Promise<Siege> {
  const result: Siege = { times: [], failures: [], hostile: {} };
  const kinds = await hostileKinds();
  const begin = performance.now();
  let over = false;
  const hostile = async () => {
    for (let turn = 0; turn < kinds.length || performance.now() - begin < seconds * 1000; turn++) {
      const { name, send } = kinds[turn % kinds.length];
      (result.hostile[name] ??= []).push(await send(engine));
    }
    over = true;
  };
  const isOver = () => over;
  await Promise.all([hostile(), goodClients(engine, result, isOver), fickleClient(engine, isOver)]);
  return result;
}

async function goodClients(engine: string, siege: Siege, isOver: () => boolean): Promise<void> {
  const each = Array.from({ length: GOOD_CLIENTS }, (_, index) => goodClient(engine, index, siege, isOver));
  await Promise.all(each);
}

async function goodClient(
  engine: string,
  index: number,
  { times, failures }: Siege,
  isOver: () => boolean,
): Promise<void> {
  const { bytes, name } = await photo(index, 'jpeg');
  while (!isOver()) {
    const began = performance.now();
    try {
      await cut(engine, bytes, name);
      times.push(performance.now() - began);
    } catch (error) {
      failures.push(String(error));
    }
  }
}

/** @throws an Error with the engine's own words */
async function cut(engine: string, bytes: Buffer, name: string): Promise<void> {
  const response = await post(engine, bytes, name);
  const answer = (await response.json()) as { artifacts?: { output: string }; error?: object };
  if (!answer.artifacts) throw new Error(`${response.status} ${JSON.stringify(answer.error)}`);
  const picture = await fetch(answer.artifacts.output);
  if (!picture.ok || !(await picture.arrayBuffer()).byteLength)
    throw new Error(`no picture: ${picture.status}`);
  await fetch(answer.artifacts.output, { method: 'DELETE' });
}

/** Hangs up while its photo is sent, waits or is worked on. */
async function fickleClient(engine: string, isOver: () => boolean): Promise<void> {
  const { bytes, name } = await largePhoto();
  for (let turn = 0; !isOver(); turn++) {
    const controller = new AbortController();
    const answer = post(engine, bytes, name, controller.signal).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
    await sleep((turn * 70) % 700);
    controller.abort();
    await answer;
  }
}

function post(engine: string, bytes: Buffer, name: string, signal?: AbortSignal): Promise<Response> {
  const form = new FormData();
  form.append('model', 'plain');
  form.append('file', new Blob([new Uint8Array(bytes)]), name);
  return fetch(`${engine}/background/cleanup`, { method: 'POST', body: form, signal });
}
