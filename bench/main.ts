import * as augment from './augment';
import * as augmentation from './augmentation';
import * as birefnet from './birefnet';
import * as builtin from './builtin';
import * as cutouts from './cutouts';
import * as edges from './edges';
import * as gpu from './gpu';
import * as large from './large';
import * as matting from './matting';
import * as pipeline from './pipeline';
import * as plain from './plain';
import * as quality from './quality';
import * as replace from './replace';
import * as secondPass from './second-pass';
import * as segment from './segment';
import * as siege from './siege';
import * as start from './start';

const BENCHES = {
  builtin,
  pipeline,
  large,
  plain,
  quality,
  replace,
  cutouts,
  birefnet,
  start,
  'second-pass': secondPass,
  edges,
  gpu,
  matting,
  segment,
  siege,
  augmentation,
  augment,
};

/** `npm run bench [-- name …]`: all benches, or those named. */
async function main(names: string[]): Promise<void> {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length && !names.includes(name)) continue;
    console.log(`\n${name}`);
    await bench.run();
  }
}

void main(process.argv.slice(2));
