import type { Alpha } from '../../lib/contracts';
import { framePicture } from '../../lib/pipelines/segment/picture';
import { LOST } from '../../lib/tracking';

const SIDE = 96;

/** A matte that comes with the video: a square product, and haze too faint to be of it, up to the frame's corner. */
function matte(): Alpha {
  const data = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < 30; row++) data.fill(9, row * SIDE, row * SIDE + 30);
  for (let row = 50; row < 80; row++) data.fill(255, row * SIDE + 40, row * SIDE + 70);
  return { data, width: SIDE, height: SIDE };
}

test('haze beside a product is not of it: whatever is seen at all lies centred', async () => {
  const image = { data: new Uint8Array(SIDE * SIDE * 3).fill(120), width: SIDE, height: SIDE };
  const frame = { index: 0, seconds: 0, image, alpha: matte() };
  const crop = { x: SIDE / 2, y: SIDE / 2, side: SIDE };
  const look = { size: SIDE, background: 'transparent', bgcolor: '#ffffff' } as const;
  const { alpha, bbox } = await framePicture(frame, LOST, crop, 1, look);
  const seen = [...alpha!.data.keys()].filter((i) => alpha!.data[i] > 0);
  const columns = seen.map((i) => i % SIDE);
  const rows = seen.map((i) => Math.floor(i / SIDE));
  for (const places of [columns, rows]) {
    expect(Math.abs((Math.min(...places) + Math.max(...places) + 1) / 2 - SIDE / 2)).toBeLessThanOrEqual(0.5);
    expect(new Set(places).size).toBeLessThanOrEqual(34);
  }
  bbox.forEach((value, i) => expect(Math.abs(value - [40, 50, 30, 30][i])).toBeLessThanOrEqual(3));
});
