import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, parse, removeParams } from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { removeBackground } from '../../lib/pipelines/remove';
import { difference, pixels } from './masks';
import { idOf, NETWORKS } from './networks';
import type { Section } from './settings';

/**
 * Masks of a network on the device against those of the CPU in float32, as a user of the CPU gets them. Without a card
 * the CPU's masks by the file itself.
 * @param name the network
 * @param reference the one that the CPU runs
 * @param count photos
 */
export const agreement: Section = async ({ device, folder, photos }, tell, name, reference, count) => {
  const resources = new Resources({ ...loadConfig(), modelsDir: join(folder, 'models'), offline: true });
  const cut = async (photo: string, network: string, on: string) => {
    const fields = { mode: 'mask', model: idOf(network), device: on, strict_device: true, clean_mask: false };
    const tempDir = mkdtempSync(join(folder, 'agreement-'));
    const context = { signal: new AbortController().signal, progress: () => undefined, tempDir };
    return removeBackground(resources, photo, parse(removeParams, fields), context);
  };
  const means: number[] = [];
  const most: number[] = [];
  for (const photo of photos.slice(0, Number(count))) {
    const [ours, theirs] = [await cut(photo, name, device), await cut(photo, reference, 'cpu')];
    const { mean, max } = difference(
      await pixels(ours.artifacts.output),
      await pixels(theirs.artifacts.output),
    );
    means.push(mean);
    most.push(max);
    tell('Masks against the CPU in fp32', name, {
      photos: means.length,
      'mean difference': (means.reduce((sum, each) => sum + each, 0) / means.length).toFixed(5),
      'worst photo': Math.max(...means).toFixed(5),
      'largest of a pixel': Math.max(...most).toFixed(3),
      wanted: NETWORKS[name].half ? 'below 0.006' : 'below 0.002',
      device: ours.device,
    });
  }
  await resources.dispose();
};
