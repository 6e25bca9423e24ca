import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RemoveResult } from '../../lib/contracts';
import { EngineProcess } from '../engine';
import { difference, pixels } from './masks';
import { idOf, script } from './networks';
import type { Section, Settings, Tell } from './settings';

const TABLE = "A card's memory taken by another process";
/** Megabytes that the other process leaves: too little for a session, and perhaps enough for one but not for its runs. */
const LEFT = [300, 1500];

/**
 * What an engine answers that finds the card's memory taken, whether the mask is right, and what comes once the memory
 * is free again. Without a card, the fallback to the CPU alone.
 */
export const memoryShort: Section = async (settings, tell, name) => {
  if (settings.device === 'cpu') {
    await attempt(settings, tell, name, 'no card', async () => () => Promise.resolve());
    return;
  }
  for (const left of LEFT) {
    await attempt(settings, tell, name, `${left} MB left`, () => occupy(settings.python, left));
  }
};

async function attempt(
  { folder, photos }: Settings,
  tell: Tell,
  name: string,
  when: string,
  take: () => Promise<() => Promise<void>>,
): Promise<void> {
  const engine = await EngineProcess.start(folder);
  const cut = (photo: string, device: string, strict = false) =>
    engine.remove(photo, {
      ...{ mode: 'mask', model: idOf(name), device, clean_mask: 'false' },
      strict_device: String(strict),
    });
  const release = await take();
  try {
    const start = performance.now();
    const fallen = await cut(photos[0], 'cuda');
    const seconds = (performance.now() - start) / 1000;
    const right = await cut(photos[0], 'cpu');
    tell(TABLE, `${name}, ${when}`, {
      'ran on': fallen.device,
      seconds: seconds.toFixed(1),
      'mask differs by': difference(await fetched(fallen), await fetched(right)).mean.toFixed(5),
      warning: fallen.warnings[0] ?? 'none',
      strict: await cut(photos[1], 'cuda', true).then(({ device }) => `ran on ${device}`, told),
    });
    await release();
    const after = await cut(photos[2], 'cuda');
    tell(TABLE, `${name}, ${when}`, { 'ran on afterwards': after.device });
  } finally {
    await release();
    await engine.end();
  }
}

/** @returns ends the other process */
async function occupy(python: string, left: number): Promise<() => Promise<void>> {
  const child = spawn(python, [script('occupy.py'), String(left)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { done } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (done) throw new Error('occupy.py ended');
  return async () => {
    if (child.exitCode !== null) return;
    child.stdin.end();
    await once(child, 'exit');
  };
}

async function fetched({ artifacts }: RemoveResult): Promise<Buffer> {
  return pixels(Buffer.from(await (await fetch(artifacts.output)).arrayBuffer()));
}

function told(error: Error): string {
  return error.message.slice(0, 200);
}
