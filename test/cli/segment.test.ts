import { execFile } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtFile } from '../../lib/contracts';
import { writeClip } from '../support/clip';
import { tinyModels } from '../support/models';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** `vitrine segment` as a user runs it: what it writes, what it leaves alone, what it refuses. */
const folder = tempFolder();
const temp = join(folder, 'tmp');
const models = tinyModels(folder);
let base: string;

beforeAll(async () => {
  mkdirSync(temp);
  writeClip(folder, 'clip.mp4');
  base = await listen((request, response) => {
    if (request.url?.startsWith('/videos/walk.mp4'))
      createReadStream(join(folder, 'clip.mp4')).pipe(response);
    else response.writeHead(404).end();
  });
});
afterEach(() => expect(readdirSync(temp)).toEqual([]));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** @param onStderr given what was said so far, and the running process */
function vitrine(args: string[], onStderr?: (text: string, pid: number) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [builtFile('lib/cli/main.js'), 'segment', ...args, '--model', 'my-birefnet'],
      {
        cwd: folder,
        env: {
          ...process.env,
          VITRINE_HOME: join(folder, 'home'),
          VITRINE_TEMP_DIR: temp,
          VITRINE_MODELS_DIR: models,
          VITRINE_ALLOW_HOSTS: '127.0.0.1',
        },
      },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said += chunk;
      onStderr?.(said, child.pid!);
    });
  });
}

const at = (...names: string[]) => join(folder, ...names);
const written = (...names: string[]) => readdirSync(at(...names)).sort();
const frames = (count: number, ending = 'png') =>
  Array.from({ length: count }, (_, index) => `frame_${String(index + 1).padStart(4, '0')}.${ending}`);
const resultIn = (...names: string[]) => JSON.parse(readFileSync(at(...names, 'segment.json'), 'utf8'));

test('frames of one size, a contact sheet and a result whose paths are seen from its folder', async () => {
  const { status, stdout, stderr } = await vitrine(['clip.mp4', '-o', 'out', '--size', '96']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(/clip\.mp4: .*frame \d+ of 6/);
  expect(stderr).toMatch(/clip\.mp4 -> out\/frame_\d{4}\.png and others: 6 frames \(my-birefnet on cpu/);
  expect(written('out')).toEqual(['contact-sheet.jpg', ...frames(6), 'segment.json']);
  expect(await sharp(at('out', 'frame_0006.png')).metadata()).toMatchObject({
    ...{ format: 'png', width: 96, height: 96, hasAlpha: true },
  });
  const result = resultIn('out');
  expect(result).toMatchObject({ status: 'success', frame_count: 6, barcode: null, frames_url: null });
  expect(result.artifacts).toMatchObject({ frame_0001: 'frame_0001.png', sheet: 'contact-sheet.jpg' });
});

test('every parameter has its option; JSON on stdout has the whole paths', async () => {
  const { status, stdout, stderr } = await vitrine([
    ...['clip.mp4', '-o', 'all/of/it', '--json', '--size', '64', '--max-frames', '3', '--stride', '2'],
    ...['--box', '24,32,48,56', '--prompt-frame', '0', '--padding', '10', '--scale', 'clip'],
    ...['--background', 'color', '--bgcolor', '#00ff00', '--format', 'jpeg', '--quality', '95'],
    ...['--drop-blurred', '--no-drop-empty', '--no-sheet', '--preview', 'gif', '--zip'],
    ...['--barcode', '8690504012345', '--product-id', 'p-1', '--video-id', '12345'],
    ...['--no-metadata', '--no-supabase', '--device', 'cpu'],
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    ...{ input: 'clip.mp4', barcode: '8690504012345', product_id: 'p-1', video_id: '12345' },
    ...{ frame_count: 3, format: 'jpeg', width: 64 },
  });
  expect(written('all', 'of', 'it')).toEqual([
    ...frames(3, 'jpg'),
    'frames.zip',
    'preview.gif',
    'segment.json',
  ]);
  expect(result.artifacts).toMatchObject({ frame_0001: join('all/of/it', 'frame_0001.jpg') });
  const corner = await sharp(at('all/of/it', 'frame_0002.jpg')).extract({
    left: 1,
    top: 1,
    width: 1,
    height: 1,
  });
  const [red, green] = await corner.raw().toBuffer();
  expect([red < 40, green > 215]).toEqual([true, true]);
});

test('a later run replaces the frames of an earlier one whole, and nothing else', async () => {
  await vitrine(['clip.mp4', '-o', 'again', '--size', '64', '--max-frames', '3']);
  writeFileSync(at('again', 'notes.txt'), 'mine');
  const { status } = await vitrine([
    'clip.mp4',
    '-o',
    'again',
    '--size',
    '64',
    '--max-frames',
    '2',
    '--format',
    'webp',
  ]);
  expect(status).toBe(0);
  expect(written('again')).toEqual(['contact-sheet.jpg', ...frames(2, 'webp'), 'notes.txt', 'segment.json']);
});

test('frames that no earlier run made are never touched', async () => {
  mkdirSync(at('own'));
  writeFileSync(at('own', 'frame_0002.png'), 'mine');
  const { status, stdout } = await vitrine(['clip.mp4', '-o', 'own', '--json']);
  expect(status).toBe(1);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'OUTPUT_EXISTS',
    message: expect.stringContaining(join('own', 'frame_0002.png')),
  });
  expect(written('own')).toEqual(['frame_0002.png']);
});

test('what is in the way at the end brings the earlier frames back', async () => {
  await vitrine(['clip.mp4', '-o', 'back', '--size', '64', '--no-sheet', '--max-frames', '2']);
  const before = readFileSync(at('back', 'segment.json'), 'utf8');
  writeFileSync(at('back', 'contact-sheet.jpg'), 'mine');
  const { status, stderr } = await vitrine(['clip.mp4', '-o', 'back', '--size', '80', '--max-frames', '3']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('contact-sheet.jpg is there')]);
  expect(written('back')).toEqual(['contact-sheet.jpg', ...frames(2), 'segment.json']);
  expect(readFileSync(at('back', 'segment.json'), 'utf8')).toBe(before);
  expect((await sharp(at('back', 'frame_0001.png')).metadata()).width).toBe(64);
});

test('several videos: a folder for each, and a bad one fails alone', async () => {
  mkdirSync(at('videos'));
  writeClip(at('videos'), 'one.mp4', 2);
  writeFileSync(at('videos', 'two.mp4'), 'no video');
  const { status, stdout } = await vitrine([
    'videos',
    `${base}/videos/walk.mp4?token=1`,
    '-o',
    'many',
    '--json',
  ]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(status).toBe(3);
  expect(lines.find(({ input }) => input.endsWith('two.mp4')).error).toMatchObject({
    hint: expect.any(String),
  });
  expect(written('many')).toEqual(['one', 'walk']);
  expect(written('many', 'one')).toEqual(['contact-sheet.jpg', ...frames(2), 'segment.json']);
});

test('an address alone; one that leads nowhere leaves nothing', async () => {
  const there = await vitrine([`${base}/videos/walk.mp4`, '-o', 'address', '--max-frames', '2']);
  expect([there.status, written('address').length]).toEqual([0, 4]);
  const gone = await vitrine([`${base}/gone.mp4`, '-o', 'gone']);
  expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining('404')]);
  expect(existsSync(at('gone'))).toBe(false);
});

test('Ctrl-C leaves neither frames nor processes, and the frames of an earlier run as they were', async () => {
  writeClip(folder, 'long.mp4', 400);
  await vitrine(['clip.mp4', '-o', 'kept', '--size', '64', '--max-frames', '2']);
  const before = written('kept');
  let interrupted = false;
  const { status, stderr } = await vitrine(['long.mp4', '-o', 'kept', '--size', '400'], (said, pid) => {
    if (interrupted || !/frame \d+ of/.test(said)) return;
    interrupted = true;
    process.kill(pid, 'SIGINT');
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('cancelled')]);
  expect(written('kept')).toEqual(before);
  rmSync(at('long.mp4'));
});

test.each([
  [['-o', 'x'], /missing required argument/],
  [['clip.mp4'], /--out/],
  [['clip.mp4', '-o', 'x', '--size', '5'], /Expected size to be a whole number from 16 to 4096/],
  [['clip.mp4', '-o', 'x', '--box', '1,2'], /Expected box to be x, y, width, height/],
  [['clip.mp4', '-o', 'x', '--preview', 'mp4'], /Expected preview to be one of none, webm, webp, gif/],
  [
    ['https://drive.google.com/drive/folders/abcdefghijkl', 'clip.mp4', '-o', 'x'],
    /a folder of Google Drive/,
  ],
])('%j is refused as bad usage', async (args, expected) => {
  const { status, stderr } = await vitrine(args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(expected)]);
  expect(existsSync(at('x'))).toBe(false);
});

test('a video that is not there', async () => {
  const { status, stderr } = await vitrine(['none.mp4', '-o', 'x']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('none.mp4 does not exist')]);
});
