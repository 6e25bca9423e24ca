import type { Alpha, BoundingBox, RgbImage } from '../../lib/contracts';
import { Cutter, type CutOptions } from '../../lib/matting';
import { closeUpOf, mergeCloseUp } from '../../lib/matting/second-pass';
import { Networks } from '../../lib/models';
import { entry, modelsFolder, removeFolders } from '../models/support';
import { at, differences, disc, matte } from './mask/mattes';

const network = { width: 64, height: 64 };

describe('closeUpOf', () => {
  const product = (width: number, height: number, radius: number) =>
    matte(width, height, (x, y) => disc(x, y, width / 2, height / 2, radius));

  it('is the product’s box with a margin', () => {
    expect(closeUpOf(product(2100, 400, 100), network)).toEqual([940, 90, 220, 220]);
  });

  it.each([
    ['a photo of 2000 pixels', product(2000, 400, 100), network],
    ['a network that sees nearly as much', product(2100, 400, 100), { width: 1536, height: 1536 }],
    ['a product that fills the photo', matte(2100, 60, (x) => 255 * Number(x > 300 && x < 1900)), network],
    ['no product', matte(2100, 60, () => 90), network],
  ])('is nothing for %s', (_, alpha, size) => {
    expect(closeUpOf(alpha, size)).toBeUndefined();
  });

  it('stays within the photo', () => {
    const corner = matte(2100, 300, (x, y) => disc(x, y, 20, 280, 90));
    const [left, top, width, height] = closeUpOf(corner, network)!;
    expect([left, top + height]).toEqual([0, 300]);
    expect(width).toBeLessThan(130);
  });
});

describe('mergeCloseUp', () => {
  const box: BoundingBox = [40, 30, 240, 240];
  const scale = 4;
  /** The matte of a coarse network: the edge two pixels off, and soft. */
  const coarse = matte(400, 300, (x, y) => disc(x, y, 162, 150, 80, 12));
  const part = (value: (x: number, y: number) => number) => matte(240, 240, (x, y) => value(x + 40, y + 30));
  const fine = part((x, y) => disc(x, y, 160, 150, 80, 1));

  it('takes the finer edge and leaves all else', () => {
    const merged = mergeCloseUp(coarse, fine, box, scale);
    const truth = matte(400, 300, (x, y) => disc(x, y, 160, 150, 80, 1));
    expect(differences(merged, truth)).toBe(0);
    expect(differences(coarse, truth)).toBeGreaterThan(5000);
  });

  it('does not follow a close-up that takes something else for the product', () => {
    const other = part((x, y) => (x > 160 ? disc(x, y, 160, 150, 80, 1) : 255 - disc(x, y, 160, 150, 80, 1)));
    const merged = mergeCloseUp(coarse, other, box, scale);
    for (let y = 0; y < 300; y++)
      for (let x = 0; x < 120; x++) expect(at(merged, x, y)).toBe(at(coarse, x, y));
    expect(at(merged, 244, 150)).toBe(0);
    expect(at(coarse, 244, 150)).toBeGreaterThan(0);
  });

  it('changes nothing far from the edge, whatever the close-up says there', () => {
    const holed = part((x, y) => Math.min(disc(x, y, 160, 150, 80, 1), 255 - disc(x, y, 160, 150, 25, 1)));
    expect(at(mergeCloseUp(coarse, holed, box, scale), 160, 150)).toBe(255);
  });

  it('keeps a region whole that both see differently, even where the first matte wavers', () => {
    const inWindow = (x: number, y: number) => disc(x, y, 160, 150, 30, 1);
    const wavering = matte(400, 300, (x, y) =>
      inWindow(x, y) && x > 165 ? 200 : disc(x, y, 162, 150, 80, 12),
    );
    const open = part((x, y) => Math.min(disc(x, y, 160, 150, 80, 1), 255 - inWindow(x, y)));
    const merged = mergeCloseUp(wavering, open, box, scale);
    for (let y = 122; y < 178; y++) expect(at(merged, 160, y)).toBe(at(wavering, 160, y));
    for (let x = 132; x < 188; x++) expect(at(merged, x, 150)).toBe(at(wavering, x, 150));
    expect(at(merged, 242, 150)).toBe(0);
  });

  it('leaves no seam at the border of the close-up', () => {
    const band = matte(400, 300, (_, y) => (150 - y) * 6 + 128);
    const shifted = part((_, y) => (156 - y) * 6 + 128);
    const merged = mergeCloseUp(band, shifted, box, scale);
    expect(at(merged, 160, 150)).toBeGreaterThan(at(band, 160, 150) + 30);
    for (let x = 1; x < 400; x++)
      expect(Math.abs(at(merged, x, 150) - at(merged, x - 1, 150))).toBeLessThan(14);
  });

  it('copes with a close-up of a pixel, and with the same matte again', () => {
    expect(
      differences(
        mergeCloseUp(
          coarse,
          matte(1, 1, () => 9),
          [80, 150, 1, 1],
          scale,
        ),
        coarse,
      ),
    ).toBeLessThan(2);
    const same = part((x, y) => at(coarse, Math.floor(x), Math.floor(y)));
    expect(differences(mergeCloseUp(coarse, same, box, scale), coarse)).toBe(0);
  });
});

describe('the cutter', () => {
  let networks: Networks;
  let cutter: Cutter;
  beforeAll(() => {
    networks = new Networks({ modelsDir: modelsFolder([entry('bright')]), threads: 1 });
    cutter = new Cutter(networks);
  });
  afterAll(async () => {
    await networks.dispose();
    removeFolders();
  });
  const signal = new AbortController().signal;
  const options = (changes: Partial<CutOptions> = {}): CutOptions => ({
    model: 'bright',
    device: 'cpu',
    strictDevice: true,
    signal,
    ...changes,
  });

  const truth = matte(2100, 300, (x, y) => disc(x, y, 900, 150, 110));
  function photo(product: number): RgbImage {
    const { data, width, height } = truth;
    const rgb = new Uint8Array(data.length * 3);
    for (let i = 0; i < data.length; i++) {
      rgb.fill(20 + ((product - 20) * data[i]) / 255, i * 3, i * 3 + 3);
    }
    return { data: rgb, width, height };
  }
  const error = ({ data }: Alpha) =>
    data.reduce(
      (sum, value, i) => sum + (value > truth.data[i] ? value - truth.data[i] : truth.data[i] - value),
      0,
    );

  it('cuts large photos better with it, for one more run; the same photo again costs none', async () => {
    const { graphs } = await networks.open({ ...options(), id: 'bright', task: 'cutout' });
    const run = jest.spyOn(graphs.graph, 'run');
    const once = await cutter.cut(photo(240), options());
    expect(run).toHaveBeenCalledTimes(1);
    const twice = await cutter.cut(photo(240), options({ secondPass: true }));
    expect(run).toHaveBeenCalledTimes(2);
    expect(error(twice.alpha)).toBeLessThan(0.7 * error(once.alpha));
    const again = await cutter.cut(photo(240), options({ secondPass: true }));
    expect(differences(again.alpha, twice.alpha)).toBe(0);
    expect(differences((await cutter.cut(photo(240), options())).alpha, once.alpha)).toBe(0);
    expect(run).toHaveBeenCalledTimes(2);
  });
});
