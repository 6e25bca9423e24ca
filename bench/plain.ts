import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { VitrineError, packageRoot, type Alpha, type RgbImage } from '../lib/contracts';
import { cutPlain } from '../lib/matting/plain';

/** How the `plain` cutter does on photos with hand-made masks. */
export interface PlainScores {
  /** `webobj` photos (products on plain backdrops): how many there are. */
  photos: number;
  accepted: number;
  /** Mean intersection over union of the accepted ones at alpha 128, 0..1. */
  meanIou: number;
  /** Accepted ones under 0.80. */
  poor: number;
  /** `ecssd` photos (everyday scenes): how many there are. */
  scenes: number;
  /** Of those, how many were accepted though they are not plain. */
  scenesAccepted: string[];
  /** Mean time of a cut over all photos, without decoding. */
  millisecondsPerPhoto: number;
  /** Accepted photos with their IoU and confidence, worst first. */
  details: { file: string; iou: number; confidence: number }[];
}

/** The folder with `pairs/manifest.csv`, from VITRINE_TEST_DATA or beside the repository. */
export function testData(): string {
  return path.resolve(packageRoot, process.env.VITRINE_TEST_DATA ?? '../shared/data');
}

/** Whether the measured photos are on this machine. */
export function hasPairs(): boolean {
  return existsSync(path.join(testData(), 'pairs', 'manifest.csv'));
}

/** Cuts every `webobj` and `ecssd` photo and compares with the masks. */
export async function measure(): Promise<PlainScores> {
  const folder = path.join(testData(), 'pairs');
  const lines = (await readFile(path.join(folder, 'manifest.csv'), 'utf8')).trim().split('\n').slice(1);
  const rows = lines.map((line) => line.split(','));
  const scores: PlainScores = {
    photos: 0,
    accepted: 0,
    meanIou: 0,
    poor: 0,
    scenes: 0,
    scenesAccepted: [],
    millisecondsPerPhoto: 0,
    details: [],
  };
  let elapsed = 0;
  for (const [file, mask, source] of rows) {
    if (source !== 'webobj' && source !== 'ecssd') continue;
    if (source === 'webobj') scores.photos++;
    else scores.scenes++;
    const image = await load(path.join(folder, 'images', file));
    const start = performance.now();
    const cut = attempt(image);
    elapsed += performance.now() - start;
    if (!cut) continue;
    if (source === 'ecssd') scores.scenesAccepted.push(file);
    else
      scores.details.push({
        file,
        iou: await iou(cut.alpha, path.join(folder, 'masks', mask)),
        confidence: cut.confidence,
      });
  }
  scores.details.sort((p, q) => p.iou - q.iou);
  scores.accepted = scores.details.length;
  scores.meanIou = scores.details.reduce((sum, detail) => sum + detail.iou, 0) / Math.max(1, scores.accepted);
  scores.poor = scores.details.filter((detail) => detail.iou < 0.8).length;
  scores.millisecondsPerPhoto = elapsed / (scores.photos + scores.scenes);
  return scores;
}

function attempt(image: RgbImage) {
  try {
    return cutPlain(image);
  } catch (error) {
    if (error instanceof VitrineError) return undefined;
    throw error;
  }
}

/** Transparent files are shown on white, as in a catalogue. */
async function load(file: string): Promise<RgbImage> {
  const { data, info } = await sharp(file)
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    width: info.width,
    height: info.height,
  };
}

async function iou(alpha: Alpha, maskFile: string): Promise<number> {
  const mask = await sharp(maskFile)
    .extractChannel(0)
    .resize(alpha.width, alpha.height, { fit: 'fill' })
    .raw()
    .toBuffer();
  let both = 0;
  let either = 0;
  for (let i = 0; i < mask.length; i++) {
    const own = alpha.data[i] > 127;
    const theirs = mask[i] > 127;
    if (own && theirs) both++;
    if (own || theirs) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** Prints the scores. */
export async function run(): Promise<void> {
  if (!hasPairs()) {
    console.log(`Nothing to measure: no pairs/manifest.csv in ${testData()}; set VITRINE_TEST_DATA.`);
    return;
  }
  const scores = await measure();
  for (const { file, iou: score, confidence } of scores.details) {
    console.log(`${file.padEnd(24)} IoU ${score.toFixed(3)}  confidence ${confidence.toFixed(2)}`);
  }
  console.log(
    `accepted ${scores.accepted} of ${scores.photos}, mean IoU ${scores.meanIou.toFixed(4)}, under 0.80: ${scores.poor}`,
  );
  console.log(
    `scenes accepted ${scores.scenesAccepted.length} of ${scores.scenes} ${scores.scenesAccepted.join(' ')}`,
  );
  console.log(`${scores.millisecondsPerPhoto.toFixed(0)} ms per photo`);
}

if (require.main === module) void run();
