import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findModel, Networks, type NetworkEntry, Speeds } from '../../lib/models';
import { fileOf, idOf } from './networks';
import type { Section } from './settings';

const ID = 'bench-choice';

/**
 * What is measured, and taken, where a network may run on the card or the CPU by either of two files.
 * @param half name of the network that the registry would prefer on a card
 * @param full the same in float32
 */
export const choice: Section = async (settings, tell, half, full) => {
  const modelsDir = join(settings.folder, 'choice');
  mkdirSync(modelsDir);
  const registered = join(settings.folder, 'models', 'registry.local.json');
  const { models } = JSON.parse(readFileSync(registered, 'utf8')) as { models: { id: string }[] };
  const entry = {
    ...models.find(({ id }) => id === idOf(full)),
    id: ID,
    precision: 'fp32',
    files: [{ sources: [`file:${fileOf(settings, full)}`] }],
    variants: [
      {
        devices: ['cuda', 'cpu'],
        precision: 'fp16',
        files: [{ sources: [`file:${fileOf(settings, half)}`] }],
      },
    ],
  };
  writeFileSync(join(modelsDir, 'registry.local.json'), JSON.stringify({ models: [entry] }));
  const networks = new Networks({ modelsDir, homeDir: modelsDir });
  const request = { device: 'auto', strictDevice: false } as const;
  const { signal } = new AbortController();
  const { loadMs } = await networks.open({ ...request, id: ID, task: 'cutout', signal });
  const registry = await networks.registry();
  const ways = await new Speeds(modelsDir).remembered(
    registry,
    findModel(registry, ID) as NetworkEntry,
    request,
  );
  for (const [i, { entry: running, device, milliseconds }] of ways.entries())
    tell('Choice by measurement', `${running.precision === 'fp16' ? half : full} on ${device}`, {
      ms: milliseconds.toFixed(1),
      taken: i ? 'no' : 'yes',
      'measuring and loading s': i ? '' : (loadMs / 1000).toFixed(1),
    });
  await networks.dispose();
};
