import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type ReplaceParamsInput, loadConfig, parse, replaceParams } from '../../lib/contracts';
import { Resources } from '../../lib/pipelines';
import { replaceBackground } from '../../lib/pipelines/replace';
import { pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/** Pictures with something between opaque and nothing: shadows alone, glass. */
const folder = tempFolder();
const resources = new Resources({ ...loadConfig({ VITRINE_OFFLINE: 'true' }), modelsDir: folder });
let photo: string;
let mask: string;

beforeAll(async () => {
  photo = await writePackshot(folder, 'photo.jpg');
  mask = await writePackshot(folder, 'mask.png', { product: [255, 255, 255], ground: [0, 0, 0] });
});
afterAll(() => resources.dispose());

const replace = (params: ReplaceParamsInput, files: { file?: string; mask?: string } = {}) =>
  replaceBackground(
    resources,
    { file: photo, mask, ...files, params: parse(replaceParams, params) },
    {
      signal: new AbortController().signal,
      progress: () => undefined,
      tempDir: mkdtempSync(join(folder, 'job-')),
    },
  );

describe('shadow-only', () => {
  test.each(['png', 'webp'] as const)(
    'as %s it is transparent, but for product and shadow',
    async (format) => {
      const { artifacts, pictures } = await replace({ preset: 'shadow-only', format });
      const [{ placed, transparent, width, height }] = pictures;
      expect(transparent).toBe(true);
      expect(await sharp(artifacts.output).metadata()).toMatchObject({ hasAlpha: true, format });
      const alphaAt = async (x: number, y: number) =>
        (await pixelAt(artifacts.output, x / width, y / height))[3];
      expect(await alphaAt(2, 2)).toBe(0);
      const [x, y, across, down] = placed;
      expect(await alphaAt(x + across / 2, y + down / 2)).toBe(255);
      const under = await alphaAt(x + across / 2, y + down + 1);
      expect(under).toBeGreaterThan(30);
      expect(under).toBeLessThan(230);
    },
  );

  test.each<[string, ReplaceParamsInput]>([
    ['a JPEG', {}],
    ['white that was asked for', { format: 'png', bgcolor: '#ffffff' }],
    ['a colour among the overrides', { format: 'png', overrides: { colors: ['#ffffff'] } }],
    ['transparency that was declined', { format: 'png', overrides: { transparent: false } }],
    ['a picture for a marketplace', { format: 'png', marketplace: 'shopify' }],
  ])('%s is white', async (_, params) => {
    const { artifacts, pictures } = await replace({ preset: 'shadow-only', ...params });
    expect(pictures[0].transparent).toBeUndefined();
    expect(await pixelAt(artifacts.output, 0.01, 0.01)).toEqual([255, 255, 255, 255]);
  });

  test('exact holds, and before and after lie on white', async () => {
    const { artifacts, pictures } = await replace({ preset: 'shadow-only', exact: true, compare: true });
    const [{ exact, transparent }] = pictures;
    expect(transparent).toBe(true);
    expect(exact!.output_sha256).toBe(exact!.source_sha256);
    expect(exact!.pixels).toBeGreaterThan(10_000);
    expect(await pixelAt(artifacts.compare!, 0.99, 0.02)).toEqual([255, 255, 255, 255]);
  });

  test('put on another backdrop, it gets no second shadow', async () => {
    const { artifacts } = await replace({ preset: 'shadow-only', format: 'png' });
    const again = await replace({ preset: 'minimalist' }, { file: artifacts.output, mask: undefined });
    expect(again.warnings.join(' ')).toContain('brings a shadow of its own');
  });
});

describe('glass', () => {
  let glass: string;
  beforeAll(async () => {
    glass = await writePackshot(folder, 'glass.png', { product: [128, 128, 128], ground: [0, 0, 0] });
  });
  const middle = async (params: ReplaceParamsInput, its: string) => {
    const { artifacts, pictures } = await replace(
      { match_colors: false, enhance_fg: false, ...params },
      { mask: its },
    );
    const [{ placed, width, height }] = pictures;
    const at = await pixelAt(
      artifacts.output,
      (placed[0] + placed[2] / 2) / width,
      (placed[1] + placed[3] / 2) / height,
    );
    return at.slice(0, 3);
  };

  test('a matte with transmission shows the new scene behind it, an opaque one does not', async () => {
    const [blue, red] = [{ bgcolor: '#1030ff' }, { bgcolor: '#ff3010' }];
    const through = [await middle(blue, glass), await middle(red, glass)];
    expect(through[0][2] - through[1][2]).toBeGreaterThan(60);
    expect(through[1][0] - through[0][0]).toBeGreaterThan(30);
    const solid = [await middle(blue, mask), await middle(red, mask)];
    expect(solid[0]).toEqual(solid[1]);
  });

  test('colours of a product that is all glass are measured, too', async () => {
    const { pictures } = await replace({ preset: 'wood' }, { mask: glass });
    expect(pictures[0].color_shift).toBeGreaterThan(0);
    expect(pictures[0].color_shift).toBeLessThanOrEqual(6);
  });
});
