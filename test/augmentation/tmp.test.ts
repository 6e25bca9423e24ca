import sharp from 'sharp';
import { execute } from '../../lib/augmentation/execute';
import { TRANSFORMS as T } from '../../lib/augmentation/transforms';
test.each(['product','grocery','ramp'])('jpeg %s', async (n) => {
  const read = async (f: string) => { const { data, info } = await sharp(`/work/shared/data/golden/${f}.png`).removeAlpha().raw().toBuffer({ resolveWithObject: true }); return { data: new Uint8Array(data), width: info.width, height: info.height }; };
  const im = await read('in_' + n); const g = await read('jpeg40__' + n);
  const sw = (x: any) => ({ ...x, data: Uint8Array.from(x.data, (_: number, i: number) => x.data[i - (i % 3) + 2 - (i % 3)]) });
  const o = sw(execute(T.jpeg.effects({ quality: 40 }, im), sw(im), { kind: 'mirror' }).image) as typeof im;
  let s = 0, m = 0, c = 0, t = 0; const b = [0,0,0];
  o.data.forEach((v, i) => { const d = Math.abs(v - g.data[i]); s += d; m = Math.max(m, d); if (d > 2) c++; t += Math.abs(im.data[i] - g.data[i]); b[i % 3] += v - g.data[i]; });
  console.log(n, 'mean', s / o.data.length, 'max', m, 'share>2', c / o.data.length, 'own error', t / o.data.length, b.map((x) => x * 3 / o.data.length));
});
