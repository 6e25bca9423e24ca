import { join } from 'node:path';
import sharp from 'sharp';
import { OUTPUT_FORMATS } from '../../lib/contracts';
import { encodeImage, provenance } from '../../lib/image';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const image = { data: new Uint8Array(16 * 12 * 3).fill(90), width: 16, height: 12 };

test.each(OUTPUT_FORMATS)('%s tells machines how it came to be', async (format) => {
  const file = join(folder, `made.${format}`);
  await encodeImage(file, image, { format, metadata: provenance('compositeWithTrainedAlgorithmicMedia') });
  const { xmp, width } = await sharp(file).metadata();
  expect(width).toBe(16);
  expect(xmp!.toString()).toContain(
    '<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia<',
  );
});
