import { truncateSync, statSync } from 'node:fs';
import { openVideo } from '../../lib/video';
import { isPartlyFragmented } from '../../lib/video/webcodecs/fragments';
import { tempFolder } from '../support/temp';
import { H264, allFrames, makeVideo, numbered, opening } from '../support/videos';

const folder = tempFolder();
const make = (name: string, flags: string) =>
  makeVideo(folder, name, numbered(12), H264, '-g', '4', '-movflags', flags);

test.each([
  ['plain.mp4', 'faststart', false],
  ['whole.mp4', 'frag_keyframe+empty_moov', false],
  ['partly.mp4', 'frag_keyframe', true],
])('%s (%s): partly fragmented: %s', async (name, flags, expected) => {
  expect(await isPartlyFragmented(make(name, flags))).toBe(expected);
});

test('what is cut off within a box, or is no such file, is not', async () => {
  const file = make('cut.mp4', 'frag_keyframe');
  truncateSync(file, Math.floor(statSync(file).size / 20));
  expect(await isPartlyFragmented(file)).toBe(false);
  expect(await isPartlyFragmented(makeVideo(folder, 'other.mkv', numbered(3), H264))).toBe(false);
});

test('of a partly fragmented video the decoder of the package gives what it sees, and tells of the rest', async () => {
  const file = make('told.mp4', 'frag_keyframe');
  const reader = await openVideo(file, opening(folder, { decoder: 'webcodecs' }));
  const frames = await allFrames(reader);
  expect(frames.length).toBeGreaterThan(0);
  expect(frames.length).toBeLessThan(12);
  expect(reader.warnings.join()).toContain(`Only the first ${frames.length} frames`);
  const whole = await openVideo(make('all.mp4', 'faststart'), opening(folder, { decoder: 'webcodecs' }));
  expect(whole.warnings).toEqual([]);
});
