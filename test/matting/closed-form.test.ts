import type { Alpha, RgbImage } from '../../lib/contracts';
import { alphaMatting } from '../../lib/matting';
import { closedForm } from '../../lib/matting/closed-form';
import { FOREGROUND, UNKNOWN, trimapOf } from '../../lib/matting/trimap';
import reference from '../reference/matting.json';
import { compose } from './compose';
import { referencePicture } from './reference-picture';

/** A ragged edge that a blurred mask knows nothing of: the photo, the truth and a mask as networks make them. */
function ragged(width: number, height: number): { image: RgbImage; alpha: Alpha; mask: Alpha } {
  const edge = (y: number) => width / 2 + 6 * Math.sin(y / 3) + 3 * Math.sin(y / 1.3);
  const { image, alpha } = compose(
    width,
    height,
    (_, y) => [190 + (y % 20), 60, 40],
    (x, y) => [40, 110 + (x % 30), 150 + (y >> 2)],
    (x, y) => (edge(y) - x) / 3 + 0.5,
  );
  const mask = compose(
    width,
    height,
    () => [0, 0, 0],
    () => [0, 0, 0],
    (x) => (width / 2 - x) / 12 + 0.5,
  ).alpha;
  return { image, alpha, mask };
}

function meanOff(one: Alpha, other: Alpha): number {
  let sum = 0;
  for (let i = 0; i < one.data.length; i++) sum += Math.abs(one.data[i] - other.data[i]);
  return sum / one.data.length;
}

describe('closedForm', () => {
  it('agrees with pymatting', async () => {
    const { image, alpha } = referencePicture();
    const trimap = trimapOf(alpha, { erodeSize: reference.erode });
    const { data } = await closedForm(image, trimap);
    let most = 0;
    let found = 0;
    trimap.data.forEach((value, at) => {
      if (value !== UNKNOWN) expect(data[at]).toBe(value === FOREGROUND ? 255 : 0);
      else most = Math.max(most, Math.abs(data[at] / 255 - reference.alpha[found++]));
    });
    expect(found).toBe(reference.alpha.length);
    // Half a step of 1/255 is rounding.
    expect(most).toBeLessThan(0.0025);
  });

  it('in tiles gives what it gives at once', async () => {
    const { image, mask } = ragged(120, 300);
    const trimap = trimapOf(mask);
    const unknown = trimap.data.filter((value) => value === UNKNOWN).length;
    const whole = await closedForm(image, trimap);
    const tiled = await closedForm(image, trimap, { mostUnknown: Math.ceil(unknown / 3) });
    let most = 0;
    whole.data.forEach((value, at) => (most = Math.max(most, Math.abs(value - tiled.data[at]))));
    expect(meanOff(whole, tiled)).toBeLessThan(0.05);
    expect(most).toBeLessThan(8);
  });

  it('is drawn to a prior where the matte is sure of itself', async () => {
    const { image } = ragged(60, 40);
    const trimap = { data: new Uint8Array(2400).fill(UNKNOWN), width: 60, height: 40 };
    for (let y = 0; y < 40; y++) {
      trimap.data[y * 60] = FOREGROUND;
      trimap.data[y * 60 + 59] = 0;
    }
    const sure = { data: new Uint8Array(2400).fill(255), width: 60, height: 40 };
    const open = { data: new Uint8Array(2400).fill(127), width: 60, height: 40 };
    const free = await closedForm(image, trimap);
    const drawn = await closedForm(image, trimap, { prior: { matte: sure, weight: 0.1 } });
    const left = await closedForm(image, trimap, { prior: { matte: open, weight: 0.1 } });
    expect(meanOff(free, sure)).toBeGreaterThan(60);
    expect(meanOff(drawn, sure)).toBeLessThan(20);
    expect(meanOff(left, free)).toBeLessThan(10);
  });

  it('takes a picture that is unknown but for two corners', async () => {
    const { image, alpha } = ragged(40, 30);
    const trimap = { data: new Uint8Array(1200).fill(UNKNOWN), width: 40, height: 30 };
    trimap.data[0] = FOREGROUND;
    trimap.data[1199] = 0;
    const { data } = await closedForm(image, trimap);
    expect(meanOff({ ...alpha, data }, alpha)).toBeLessThan(20);
  });

  it('takes pictures of one colour', async () => {
    const image = { data: new Uint8Array(30 * 20 * 3).fill(90), width: 30, height: 20 };
    const trimap = { data: new Uint8Array(600).fill(UNKNOWN), width: 30, height: 20 };
    for (let y = 0; y < 20; y++) {
      trimap.data[y * 30] = FOREGROUND;
      trimap.data[y * 30 + 29] = 0;
    }
    const { data } = await closedForm(image, trimap);
    expect(data[10 * 30 + 1]).toBeGreaterThan(data[10 * 30 + 15]);
    expect(data[10 * 30 + 15]).toBeGreaterThan(data[10 * 30 + 28]);
    expect(Math.abs(data[10 * 30 + 15] - 127)).toBeLessThan(10);
  });

  it('refuses a trimap of another size', async () => {
    const image = { data: new Uint8Array(12), width: 2, height: 2 };
    const trimap = { data: new Uint8Array(6), width: 3, height: 2 };
    await expect(closedForm(image, trimap)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringContaining('3 x 2'),
    });
  });

  it('stops when aborted before and while it works', async () => {
    const { image, mask } = ragged(260, 240);
    const trimap = trimapOf(mask, { erodeSize: 100 });
    const cancelled = { code: 'CANCELLED' };
    await expect(closedForm(image, trimap, { signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
    const controller = new AbortController();
    const work = closedForm(image, trimap, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(work).rejects.toMatchObject(cancelled);
  });
});

describe('alphaMatting', () => {
  it('brings a blurred mask close to the truth', async () => {
    const { image, alpha, mask } = ragged(120, 90);
    const { alpha: found, warnings } = await alphaMatting(image, mask);
    expect(warnings).toEqual([]);
    expect(meanOff(mask, alpha)).toBeGreaterThan(1.5 * meanOff(found, alpha));
  });

  it.each([
    ['product', 'alpha_matting_foreground_threshold', 0],
    ['backdrop', 'alpha_matting_background_threshold', 255],
  ])('keeps a mask in which no %s is certain, and says so', async (what, parameter, value) => {
    const { image } = ragged(40, 30);
    const mask = { data: new Uint8Array(1200).fill(value), width: 40, height: 30 };
    const { alpha, warnings } = await alphaMatting(image, mask);
    expect(alpha).toBe(mask);
    expect(warnings).toEqual([expect.stringContaining(`certainly ${what}`)]);
    expect(warnings[0]).toContain(parameter);
  });

  it('keeps the mask of a picture narrower than a window', async () => {
    const image = { data: new Uint8Array(30), width: 2, height: 5 };
    const mask = { data: Uint8Array.from([255, 0, 255, 0, 255, 0, 255, 0, 255, 0]), width: 2, height: 5 };
    const { alpha, warnings } = await alphaMatting(image, mask, { erodeSize: 0 });
    expect(alpha).toBe(mask);
    expect(warnings).toEqual([expect.stringContaining('2 x 5')]);
  });
});
