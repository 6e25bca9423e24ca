import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { VitrineError } from '../../lib/contracts';
import { VIDEO_DECODERS, openVideo } from '../../lib/video';
import { tempFolder } from '../support/temp';
import {
  H264,
  allFrames,
  colourAt,
  childProcesses,
  ffmpegPath,
  makeVideo,
  numbered,
  opening,
} from '../support/videos';

const folder = tempFolder();
const written = (name: string, bytes: string | Buffer) => {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
};

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('It was not refused');
    },
    (error: VitrineError) => error,
  ) as Promise<VitrineError>;

/** A program that answers as ffmpeg does when it is asked for its version, and then does as it is told. */
function fakeFfmpeg(name: string, script: string): string {
  const version = 'echo "libavfilter     8. 44.100 /  8. 44.100"';
  const file = written(name, `#!/bin/sh\ncase "$*" in *-version*) ${version}; exit 0;; esac\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe.each(VIDEO_DECODERS)('%s', (decoder) => {
  const open = (file: string, rest = {}) => openVideo(file, opening(folder, { decoder, ...rest }));
  const limits = { maxBytes: 1e8, maxSeconds: 60, maxPixels: 4e6, stallSeconds: 60 };

  test('a picture, a text, a page and nothing at all are no videos', async () => {
    const jpeg = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    expect(await refusal(open(written('picture.mp4', jpeg)))).toMatchObject({
      code: 'INVALID_VIDEO',
      message: 'The file is a picture (jpeg), not a video',
    });
    expect((await refusal(open(written('page.mp4', '<!doctype html><title>x</title>')))).hint).toMatch(
      /link/,
    );
    expect((await refusal(open(written('empty.mp4', '')))).message).toMatch(/empty/);
    expect((await refusal(open(written('noise.mp4', Buffer.alloc(5000, 7))))).code).toMatch(
      /INVALID_VIDEO|UNSUPPORTED_FORMAT/,
    );
  });

  test('a list that names other files is not followed', async () => {
    const secret = makeVideo(folder, `secret-${decoder}.mp4`, numbered(3), H264);
    const list = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`;
    expect((await refusal(open(written('list.mp4', list)))).code).toBe('INVALID_VIDEO');
    const concat = Buffer.from(`ffconcat version 1.0\nfile '${secret}'\n\0`);
    expect((await refusal(open(written('concat.mp4', concat)))).code).toMatch(
      /INVALID_VIDEO|UNSUPPORTED_FORMAT/,
    );
  });

  test('sound without a video', async () => {
    const file = makeVideo(folder, `sound-${decoder}.mp4`, ['-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac']);
    expect(await refusal(open(file))).toMatchObject({
      code: 'INVALID_VIDEO',
      message: 'The file has no video in it, only sound or pictures',
    });
  });

  test('too long, too large, too many bytes', async () => {
    const file = makeVideo(folder, `limits-${decoder}.mp4`, numbered(30), H264);
    expect((await refusal(open(file, { limits: { ...limits, maxSeconds: 1 } }))).message).toBe(
      'The video plays for 1 s, over the limit of 1 s',
    );
    expect(await refusal(open(file, { limits: { ...limits, maxPixels: 3000 } }))).toMatchObject({
      code: 'TOO_LARGE',
      message: 'The video is 64 x 48 pixels large, over the limit of 0.003 megapixels',
    });
    expect((await refusal(open(file, { limits: { ...limits, maxBytes: 100 } }))).code).toBe('TOO_LARGE');
  });

  test('of a file that is cut off, what can be read, and how much that is', async () => {
    const args = ['-movflags', '+faststart', '-g', '5'];
    const whole = makeVideo(folder, `whole-${decoder}.mp4`, numbered(30, '320x240'), H264, args);
    const bytes = readFileSync(whole);
    const reader = await open(written(`half-${decoder}.mp4`, bytes.subarray(0, bytes.length * 0.6)));
    const frames = await allFrames(reader);
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThan(30);
    expect(reader.warnings).toEqual([
      `${frames.length} of 30 frames could be read: the file is damaged or incomplete`,
    ]);
  });

  /** A video of 30 numbered frames, each a packet of its own, of which some are destroyed. */
  function withHoles(name: string, from: number, to: number, size?: string): string {
    const args = ['-x264-params', 'aud=1:keyint=1'];
    const bytes = readFileSync(makeVideo(folder, `${name}-${decoder}.mp4`, numbered(30, size), H264, args));
    // Packets begin with the delimiter of four bytes' length that was asked for.
    const starts = [...bytes.toString('latin1').matchAll(/\0\0\0\x02\x09/g)].map(({ index }) => index);
    expect(starts).toHaveLength(30);
    bytes.fill(0xff, starts[from], starts[to]);
    return written(`${name}-${decoder}-damaged.mp4`, bytes);
  }

  test('frames lost in the middle are left out, and those behind them keep their places', async () => {
    const reader = await open(withHoles('holes', 10, 13));
    const indices: number[] = [];
    for await (const frame of reader.frames([2, 9, 10, 11, 12, 13, 20, 29], {})) {
      indices.push(frame.index);
      expect(Math.abs(colourAt(frame, 0.5, 0.5)[0] - (20 + 6 * frame.index))).toBeLessThanOrEqual(2);
    }
    expect(indices).toEqual([2, 9, 13, 20, 29]);
    expect(reader.warnings).toEqual(['27 of 30 frames could be read: the file is damaged or incomplete']);
  });

  test('where the only frame that is asked for is lost, that is said at once', async () => {
    // So large that ffmpeg cannot end while nobody reads the others.
    const reader = await open(withHoles('first', 0, 1, '640x480'));
    const read = async () => {
      for await (const { index } of reader.frames([0], {})) throw new Error(`frame ${index}`);
    };
    expect((await refusal(read())).message).toBe("None of the video's 30 frames could be read");
    expect(childProcesses()).toEqual([]);
  });

  test('a job that is cancelled leaves no process behind, nor one that is left early', async () => {
    const file = makeVideo(folder, `cancelled-${decoder}.mp4`, numbered(30, '640x480'), H264);
    const abort = new AbortController();
    const reader = await open(file, { signal: abort.signal });
    const read = async () => {
      for await (const { index } of reader.frames(await reader.select({ maxFrames: 30 }), {}))
        if (index === 1) abort.abort();
    };
    expect((await refusal(read())).code).toBe('CANCELLED');
    expect(childProcesses()).toEqual([]);
    expect((await refusal(open(file, { signal: abort.signal }))).code).toBe('CANCELLED');
    const other = await open(file);
    for await (const { index } of other.frames([0, 1, 2, 3, 4, 5], {})) if (index === 1) break;
    expect(childProcesses()).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.includes('part'))).toEqual([]);
  });
});

test('frames larger than allowed are refused before ffmpeg has decoded one, also amid a video', async () => {
  const said = join(folder, 'said');
  const script = `"${ffmpegPath}" "$@" 2> "${said}.$$"; code=$?; cat "${said}.$$" >&2; exit $code`;
  const watched = written('watched', `#!/bin/sh\n${script}\n`);
  chmodSync(watched, 0o755);
  const limits = { maxBytes: 1e8, maxSeconds: 60, maxPixels: 5000, stallSeconds: 60 };
  const options = opening(folder, { ffmpegPath: watched, limits });
  const [small, large] = ['64x48', '640x480'].map((size) =>
    makeVideo(folder, `${size}.ts`, numbered(5, size), H264),
  );
  const growing = written('growing.ts', Buffer.concat([small, large].map((file) => readFileSync(file))));
  for (const file of [large, growing]) {
    expect(await refusal(openVideo(file, options))).toMatchObject({
      code: 'TOO_LARGE',
      message: 'The video is 640 x 480 pixels large, over the limit of 0.005 megapixels',
    });
  }
  const messages = readdirSync(folder).filter((name) => name.startsWith('said.'));
  // Its version, and two runs for each file.
  expect(messages.length).toBe(5);
  for (const name of messages) expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(/ s:640x480 /);
});

test('an ffmpeg that hangs is ended', async () => {
  const file = makeVideo(folder, 'hangs.mp4', numbered(3), H264);
  const ffmpegPath = fakeFfmpeg('hanging', 'exec sleep 600');
  const limits = { maxBytes: 1e8, maxSeconds: 60, maxPixels: 4e6, stallSeconds: 0.3 };
  expect(await refusal(openVideo(file, opening(folder, { ffmpegPath, limits })))).toMatchObject({
    code: 'INVALID_VIDEO',
    message: 'The decoder gave no frame for 0.3 s, and was ended',
  });
  expect(childProcesses()).toEqual([]);
});

test('an ffmpeg that crashes is told', async () => {
  const file = makeVideo(folder, 'crashes.mp4', numbered(3), H264);
  const ffmpegPath = fakeFfmpeg('crashing', 'echo "Conversion failed: no such thing" >&2; kill -SEGV $$');
  expect(await refusal(openVideo(file, opening(folder, { ffmpegPath })))).toMatchObject({
    code: 'INVALID_VIDEO',
    message: 'The video cannot be read: Conversion failed: no such thing',
  });
});

test('an FFMPEG_PATH that is none', async () => {
  const file = makeVideo(folder, 'missing.mp4', numbered(3), H264);
  const missing = join(folder, 'nowhere', 'ffmpeg');
  expect(await refusal(openVideo(file, opening(folder, { ffmpegPath: missing })))).toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringContaining(`${missing} does not run as ffmpeg`),
    hint: expect.stringContaining('FFMPEG_PATH'),
  });
});

test('without an ffmpeg on PATH, the decoder that comes along takes over', async () => {
  const file = makeVideo(folder, 'alone.mp4', numbered(3), H264);
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    const reader = await openVideo(file, opening(folder, { ffmpegPath: undefined }));
    expect(reader.decoder).toBe('webcodecs');
    expect(await allFrames(reader)).toHaveLength(3);
    expect(
      await refusal(openVideo(file, opening(folder, { ffmpegPath: undefined, decoder: 'ffmpeg' }))),
    ).toMatchObject({
      code: 'TOOL_MISSING',
      hint: expect.stringContaining('Install ffmpeg'),
    });
  } finally {
    process.env.PATH = PATH;
  }
});
