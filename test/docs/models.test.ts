import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagedModels, packageRoot } from '../../lib/contracts';

const page = readFileSync(join(packageRoot, 'docs/models.md'), 'utf8');

test.each(packagedModels().map((model) => [model.id, model] as const))(
  '%s has its row',
  (id, { license, gated }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${id}\` `));
    expect(row).toContain(`| ${license}${gated ? ' *' : ''} `);
  },
);
