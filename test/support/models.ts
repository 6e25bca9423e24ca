import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/contracts';

const graph = (name: string) => join(packageRoot, 'test/fixtures/models', `${name}.onnx`);

/** A models folder in which `rmbg-2.0` is a tiny graph of the same contract, and `my-birefnet` one of BiRefNet's. */
export function tinyModels(folder: string): string {
  const models = join(folder, 'models');
  mkdirSync(join(models, 'rmbg-2.0'), { recursive: true });
  copyFileSync(graph('whole-rmbg-2.0'), join(models, 'rmbg-2.0', 'rmbg-2.0.onnx'));
  const birefnet = {
    id: 'my-birefnet',
    name: 'My BiRefNet',
    description: 'A network of the tests.',
    family: 'saliency',
    license: 'MIT',
    files: [{ sources: [`file:${graph('whole-birefnet')}`] }],
    input: { size: 1024, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    output: { activation: 'sigmoid' },
  };
  writeFileSync(join(models, 'registry.local.json'), JSON.stringify({ models: [birefnet] }));
  return models;
}
