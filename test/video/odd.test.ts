import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VitrineError, packageRoot } from '../../lib/contracts';
import { VIDEO_DECODERS, openVideo } from '../../lib/video';
import { tempFolder } from '../support/temp';
import { childProcesses, opening } from '../support/videos';

const data = join(resolve(packageRoot, process.env.VITRINE_TEST_DATA ?? '../shared/data'), 'odd');
const present = existsSync(data);
const missing = present ? '' : ' (skipped: set VITRINE_TEST_DATA to the test data folder)';
const folder = tempFolder();

const files = present
  ? readdirSync(data)
      .filter((group) => group.startsWith('vid_'))
      .flatMap((group) => readdirSync(join(data, group)).map((name) => `${group}/${name}`))
  : ['none'];

/** Frames of each are enough to see that they come. */
const MAX_FRAMES = 12;

(present ? describe : describe.skip).each(VIDEO_DECODERS)(`odd videos with %s${missing}`, (decoder) => {
  test.each(files)('%s: frames or a clear error', async (name) => {
    const file = join(data, name);
    const outcome = await read(file).catch((error: unknown) => error);
    expect(childProcesses()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    if (typeof outcome === 'number') return expect(outcome).toBeGreaterThan(0);
    expect(outcome).toBeInstanceOf(VitrineError);
    const { code, message, hint } = outcome as VitrineError;
    expect(['INVALID_VIDEO', 'UNSUPPORTED_FORMAT']).toContain(code);
    expect(message).not.toContain(file);
    expect(message.length).toBeGreaterThan(20);
    expect(hint.length).toBeGreaterThan(20);
  });

  async function read(file: string): Promise<number> {
    const reader = await openVideo(
      file,
      opening(folder, { decoder, limits: { ...opening(folder).limits, maxPixels: 5e6 } }),
    );
    let count = 0;
    let last = -1;
    const indices = await reader.select({ maxFrames: MAX_FRAMES });
    for await (const { index, image } of reader.frames(indices, { maxSide: 320 })) {
      expect(index).toBeGreaterThan(last);
      last = index;
      expect(image.data).toHaveLength(image.width * image.height * 3);
      expect(Math.max(image.width, image.height)).toBeLessThanOrEqual(320);
      count++;
    }
    return count;
  }
});
