import { statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../../lib/contracts';

const image = (name: string) => join(packageRoot, 'docs', 'images', name);

test.each(['product-studio.gif', 'portrait-outdoor.gif', 'minimalist.gif'])(
  'the README’s moving picture %s goes through several scenes for ever, and is small',
  async (name) => {
    const { pages = 1, loop } = await sharp(image(name), { animated: true }).metadata();
    expect(pages).toBeGreaterThan(8);
    expect(loop).toBe(0);
    expect(statSync(image(name)).size).toBeLessThanOrEqual(600_000);
  },
);

test('before and after is one small picture', () => {
  expect(statSync(image('before-after.webp')).size).toBeLessThanOrEqual(200_000);
});
