import { VIDEO_DECODERS, openVideo, rgbOf } from '../../lib/video';
import { tempFolder } from '../support/temp';
import { H264, allFrames, colourAt, makeVideo, numbered, opening } from '../support/videos';

const folder = tempFolder();

/** A picture in whose corners stand red, green, blue and white. */
const CORNERS = [
  '-f',
  'lavfi',
  '-i',
  'color=c=red:s=96x64:r=10:d=0.5,format=rgb24,drawbox=x=48:y=0:w=48:h=32:c=0x00ff00:t=fill,drawbox=x=0:y=32:w=48:h=32:c=blue:t=fill,drawbox=x=48:y=32:w=48:h=32:c=white:t=fill',
];
const PLACES = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.2, 0.8],
  [0.8, 0.8],
] as const;
const [RED, GREEN, BLUE, WHITE] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

function expectColours(received: number[][], expected: number[][], tolerance = 6): void {
  received.forEach((colour, place) =>
    colour.forEach((value, channel) =>
      expect(Math.abs(value - expected[place][channel])).toBeLessThanOrEqual(tolerance),
    ),
  );
}

describe.each(VIDEO_DECODERS)('%s', (decoder) => {
  const open = (file: string) => openVideo(file, opening(folder, { decoder }));

  test('every frame from the first to the last, in order, with its time', async () => {
    const file = makeVideo(folder, `numbered-${decoder}.mp4`, numbered(30), H264, ['-bf', '3', '-g', '12']);
    const reader = await open(file);
    expect(reader.decoder).toBe(decoder);
    expect(reader.info).toMatchObject({ width: 64, height: 48, frameCount: 30, rotation: 0, hdr: false });
    expect(reader.info.frameRate).toBeCloseTo(25, 3);
    expect(reader.info.durationSeconds).toBeCloseTo(1.2, 3);
    const frames = await allFrames(reader);
    expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    frames.forEach((frame, index) => {
      expect(frame.seconds).toBeCloseTo(index / 25, 3);
      expect(Math.abs(colourAt(frame, 0.5, 0.5)[0] - (20 + 6 * index))).toBeLessThanOrEqual(2);
    });
    expect(reader.warnings).toEqual([]);
  });

  test('frames before their colours are made hold no more than those, and give the same', async () => {
    const file = makeVideo(folder, `planes-${decoder}.mp4`, numbered(3), H264);
    const whole = await allFrames(await open(file));
    let count = 0;
    for await (const { image, ...frame } of (await open(file)).decoded([0, 1, 2])) {
      expect(image).toMatchObject({ width: 64, height: 48, chroma: '420', depth: 8 });
      expect({ ...frame, image: rgbOf(image) }).toEqual(whole[count++]);
    }
    expect(count).toBe(3);
  });

  test('only the frames that are asked for, made smaller and never larger', async () => {
    const file = makeVideo(folder, `picked-${decoder}.mp4`, numbered(30), H264);
    const reader = await open(file);
    const seen: number[][] = [];
    for await (const { index, image } of reader.frames([3, 4, 5, 17, 29], { maxSide: 32 })) {
      seen.push([index, image.width, image.height, Math.round((image.data[0] - 20) / 6)]);
    }
    expect(seen).toEqual([3, 4, 5, 17, 29].map((index) => [index, 32, 24, index]));
    for await (const { image } of reader.frames([0], { maxSide: 500 })) expect(image.width).toBe(64);
    for await (const { index } of reader.frames([], {})) throw new Error(`frame ${index} of none`);
  });

  test.each([
    ['bt709', ['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv444p', '-colorspace', 'bt709']],
    [
      'bt601',
      ['-vf', 'scale=out_color_matrix=bt601:out_range=tv,format=yuv444p', '-colorspace', 'smpte170m'],
    ],
    [
      'full-range',
      [
        '-vf',
        'scale=out_color_matrix=bt709:out_range=pc,format=yuvj444p',
        '-colorspace',
        'bt709',
        '-color_range',
        'pc',
      ],
    ],
    ['untagged', ['-vf', 'scale=out_color_matrix=bt601:out_range=tv,format=yuv444p']],
    [
      'untagged-hd',
      ['-vf', 'scale=1280:720:flags=neighbor:out_color_matrix=bt709:out_range=tv,format=yuv420p'],
    ],
  ])('colours: %s', async (name, args) => {
    const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '4'];
    const file = makeVideo(folder, `${name}-${decoder}.mp4`, CORNERS, args, encoder);
    const [frame] = await allFrames(await open(file));
    expectColours(
      PLACES.map(([x, y]) => colourAt(frame, x, y)),
      [RED, GREEN, BLUE, WHITE],
    );
  });

  test.each([
    [90, [BLUE, RED, WHITE, GREEN]],
    [180, [WHITE, BLUE, GREEN, RED]],
    [270, [GREEN, WHITE, RED, BLUE]],
  ])('turned by %s degrees', async (degrees, expected) => {
    const flat = makeVideo(folder, `flat-${decoder}.mp4`, CORNERS, H264);
    const file = makeVideo(folder, `turned-${degrees}-${decoder}.mp4`, '-i', flat, '-c', 'copy', [
      '-metadata:s:v:0',
      // This old ffmpeg counts the other way round.
      `rotate=${360 - degrees}`,
    ]);
    const reader = await open(file);
    const [width, height] = degrees === 180 ? [96, 64] : [64, 96];
    expect(reader.info).toMatchObject({ rotation: degrees, width, height });
    const [frame] = await allFrames(reader);
    expect(frame.image).toMatchObject({ width, height });
    expectColours(
      PLACES.map(([x, y]) => colourAt(frame, x, y)),
      expected,
      8,
    );
  });

  test('frames at uneven times: none doubled, none dropped', async () => {
    const args = [...numbered(30), '-vsync', 'vfr'];
    args[args.indexOf('-vf') + 1] += ",select='not(between(n,5,14))+eq(n,9)'";
    const file = makeVideo(folder, `uneven-${decoder}.mp4`, args, H264);
    const frames = await allFrames(await open(file));
    const kept = [0, 1, 2, 3, 4, 9, ...Array.from({ length: 15 }, (_, at) => 15 + at)];
    expect(frames.map((frame) => Math.round((colourAt(frame, 0.5, 0.5)[0] - 20) / 6))).toEqual(kept);
    frames.forEach(({ seconds }, at) => expect(seconds).toBeCloseTo(kept[at] / 25, 3));
  });

  test('pixels that are not square', async () => {
    const file = makeVideo(folder, `wide-${decoder}.mp4`, CORNERS, ['-vf', 'setsar=2/1'], H264);
    const reader = await open(file);
    expect(reader.info).toMatchObject({ width: 192, height: 64 });
    expect((await allFrames(reader, 96))[0].image).toMatchObject({ width: 96, height: 32 });
  });

  test.each(['libvpx-vp9', 'libvpx'])('transparency of WebM: %s', async (encoder) => {
    const matte = "geq=r=200:g=40:b=20:a='if(lt(X,48),255,if(lt(X,72),128,0))'";
    const file = makeVideo(
      folder,
      `matte-${encoder}-${decoder}.webm`,
      ['-f', 'lavfi', '-i', `color=s=96x64:r=10:d=0.5,format=rgba,${matte}`],
      [
        '-c:v',
        encoder,
        '-pix_fmt',
        'yuva420p',
        '-auto-alt-ref',
        '0',
        '-b:v',
        '2M',
        '-metadata:s:v:0',
        'alpha_mode=1',
      ],
    );
    const reader = await open(file);
    expect(reader.info.hasAlpha).toBe(true);
    const frames = await allFrames(reader);
    expect(frames).toHaveLength(5);
    for (const { alpha } of frames) {
      expect(alpha).toMatchObject({ width: 96, height: 64 });
      const at = (x: number) => alpha!.data[30 * 96 + x];
      [
        [20, 255],
        [60, 128],
        [90, 0],
      ].forEach(([x, value]) => expect(Math.abs(at(x) - value)).toBeLessThanOrEqual(6));
    }
    expect(reader.warnings).toEqual([]);
  });

  test('HDR becomes sRGB', async () => {
    // Signals of ST 2084 for 0, 50 and 203 nits, grey.
    const bars = "geq=lum='(64+876*if(lt(X,32),0,if(lt(X,64),0.4402,0.5807)))':cb=512:cr=512";
    const tags = 'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none';
    const file = makeVideo(
      folder,
      `hdr-${decoder}.mp4`,
      ['-f', 'lavfi', '-i', `color=s=96x64:r=10:d=0.3,format=yuv420p10le,${bars}`],
      ['-c:v', 'libx265', '-preset', 'ultrafast', '-crf', '4', '-x265-params', tags, '-tag:v', 'hvc1'],
      ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'],
    );
    const reader = await open(file);
    expect(reader.info.hdr).toBe(true);
    const [frame] = await allFrames(reader);
    expect(colourAt(frame, 0.15, 0.5)[0]).toBeLessThan(4);
    expect(Math.abs(colourAt(frame, 0.5, 0.5)[0] - 136)).toBeLessThanOrEqual(5);
    const white = colourAt(frame, 0.85, 0.5);
    expect(white[0]).toBeGreaterThan(200);
    expect(Math.max(...white) - Math.min(...white)).toBeLessThanOrEqual(3);
  });

  test('fields become frames, one of two', async () => {
    // White moves by 8 pixels a field: what is combed has rows that differ from both neighbours.
    const file = makeVideo(
      folder,
      `fields-${decoder}.mp4`,
      [
        '-f',
        'lavfi',
        '-i',
        "color=s=96x64:r=20:d=1,geq=lum='if(between(X,8*N,8*N+24),235,16)':cb=128:cr=128",
      ],
      [
        '-vf',
        'tinterlace=interleave_top,fieldorder=tff',
        '-flags',
        '+ilme+ildct',
        '-x264opts',
        'tff=1',
        ...H264,
      ],
    );
    const reader = await open(file);
    expect(reader.info.interlaced).toBe(true);
    const frames = await allFrames(reader);
    expect(frames).toHaveLength(10);
    const { data, width, height } = frames[2].image;
    let combed = 0;
    for (let y = 1; y + 1 < height; y++)
      for (let x = 0; x < width; x++) {
        const [over, here, under] = [y - 1, y, y + 1].map((row) => data[(row * width + x) * 3]);
        if (Math.min(Math.abs(here - over), Math.abs(here - under)) > 60 && here > over === here > under)
          combed++;
      }
    expect(combed).toBeLessThan(20);
  });

  test('sound is left alone, wherever it stands', async () => {
    const file = makeVideo(
      folder,
      `sound-${decoder}.mp4`,
      ['-f', 'lavfi', '-i', 'sine=d=1'],
      ['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=10:d=1', '-map', '0:a', '-map', '1:v', '-c:a', 'aac'],
      H264,
    );
    expect(await allFrames(await open(file))).toHaveLength(10);
  });
});

test.each([
  ['libx264', 'yuv420p'],
  ['libx264', 'yuv422p'],
  ['libx264', 'yuvj444p'],
  ['libx264', 'gray'],
  ['libx264rgb', 'rgb24'],
  ['libx265', 'yuv420p10le'],
])('both decoders agree: %s, %s', async (encoder, pixels) => {
  const waves = "geq=r='127+120*sin(X/9+N)':g='127+120*sin(Y/7)':b='127+120*cos((X+Y)/11)'";
  const file = makeVideo(
    folder,
    `agree-${pixels}.mp4`,
    ['-f', 'lavfi', '-i', `color=s=321x240:r=10:d=0.5,format=rgb24,${waves},scale=320:240,format=${pixels}`],
    ['-c:v', encoder, '-preset', 'ultrafast', '-crf', '8', '-pix_fmt', pixels],
    encoder === 'libx265' ? ['-x265-params', 'log-level=none', '-tag:v', 'hvc1'] : [],
  );
  const [one, other] = await Promise.all(
    VIDEO_DECODERS.map(async (decoder) => allFrames(await openVideo(file, opening(folder, { decoder })))),
  );
  expect(one).toHaveLength(5);
  expect(other).toHaveLength(5);
  one.forEach(({ image }, at) => {
    const differences = image.data.map((value, index) => Math.abs(value - other[at].image.data[index]));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(1);
    // Chroma between samples is interpolated by cubics there, by lines here.
    expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(12);
  });
});
