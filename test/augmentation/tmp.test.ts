import sharp from 'sharp';
import { writeFileSync } from 'node:fs';
import { execute } from '../../lib/augmentation/execute';
import { TRANSFORMS as T } from '../../lib/augmentation/transforms';
import { sharedArena } from '../../lib/augmentation/kernels';
import { LAB_TABLES } from '../../lib/augmentation/lab';
test('x', async () => {
  const { data, info } = await sharp('/work/shared/data/golden/in_ramp.png').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const im = { data: new Uint8Array(data), width: info.width, height: info.height };
  writeFileSync('/tmp/augproto/ramp.bin', execute(T.clahe.effects({ clip: 4 }, im), im, { kind: 'mirror' }).image.data);
  const a = sharedArena();
  const n = im.width * im.height;
  const d = a.put(im.data), t = a.put(LAB_TABLES), l = a.take(n), aa = a.take(n), b = a.take(n);
  a.kernels.toLab(d, n, t, l, aa, b);
  writeFileSync('/tmp/augproto/lab.bin', Buffer.concat([l, aa, b].map((x) => a.bytes(x, n).slice())));
});
