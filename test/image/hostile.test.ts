import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { builtFile } from '../../lib/contracts';
import { decodeImage } from '../../lib/image';
import { heifBox, heifFullBox } from './heif-file';
import { limits, temporaryFolder } from './pictures';
import { pngChunk } from './png-file';

// What each of these would do unguarded takes minutes or gigabytes: the tests' own time limit tells.
const MB = 1024 * 1024;
const folder = temporaryFolder();
let count = 0;
const save = (bytes: Buffer | string): string => {
  const file = join(folder, `hostile-${count++}`);
  writeFileSync(file, bytes);
  return file;
};
const decode = (bytes: Buffer | string, options = {}) => decodeImage(save(bytes), { limits, ...options });

/** Bytes that this process grew by at its largest. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const before = process.resourceUsage().maxRSS;
  await work();
  return (process.resourceUsage().maxRSS - before) * 1024;
}

const picture = sharp({ create: { width: 90, height: 70, channels: 3, background: '#c82828' } });

describe('text inside a PNG', () => {
  const withText = async (texts: Buffer[]) => {
    const png = await picture.png().toBuffer();
    return Buffer.concat([png.subarray(0, 33), ...texts, png.subarray(33)]);
  };
  const compressed = (keyword: string, text: string) =>
    pngChunk('zTXt', Buffer.concat([Buffer.from(`${keyword}\0\0`, 'latin1'), deflateSync(text)]));

  test('that looks like an EXIF block for two million blanks', async () => {
    const text = compressed('Raw profile type exif', `\nexif\n 1${' '.repeat(2_000_000)}!`);
    expect((await decode(await withText([text]))).rgb.width).toBe(90);
  });

  test('that is short only while it is compressed', async () => {
    const bomb = compressed('Comment', 'a'.repeat(4_000_000));
    const bytes = await withText(Array.from({ length: 60 }, () => bomb));
    expect(await growth(() => decode(bytes))).toBeLessThan(200 * MB);
  });
});

describe('HEIF whose list of places is endless', () => {
  const number = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUIntBE(value, 0, bytes);
    return buffer;
  };
  /** One picture that lies at `entries` places of 65535 parts each, none of which takes a byte to tell. */
  const bomb = (entries: number, content: Buffer) => {
    const places = Array.from({ length: entries }, (_, at) => [number(at + 1, 2), number(0xffff, 4)]).flat();
    const item = Buffer.concat([number(0x10000, 4), Buffer.from('hvc1\0', 'latin1')]);
    const size = heifFullBox('ispe', 0, 0, number(64, 4), number(64, 4));
    return Buffer.concat([
      heifBox('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1')),
      heifFullBox(
        'meta',
        0,
        0,
        heifFullBox('pitm', 0, 0, number(1, 2)),
        heifFullBox('iinf', 0, 0, number(1, 2), heifFullBox('infe', 2, 0, item)),
        heifFullBox('iloc', 0, 0, number(0, 2), number(entries, 2), ...places),
        heifBox(
          'iprp',
          heifBox('ipco', size),
          heifFullBox('ipma', 0, 0, number(1, 4), number(1, 2), number(0x181, 2)),
        ),
      ),
      heifBox('mdat', content),
    ]);
  };

  test.each([
    ['12 KB', bomb(2000, Buffer.alloc(0))],
    ['25 KB', bomb(1, Buffer.alloc(25_000))],
  ])('%s', async (_, bytes) => {
    const grown = await growth(() => expect(decode(bytes)).rejects.toMatchObject({ code: 'INVALID_IMAGE' }));
    expect(grown).toBeLessThan(50 * MB);
  });
});

describe('JPEG', () => {
  test('of restart markers', async () => {
    const bytes = Buffer.concat([
      Buffer.from('ffd8', 'hex'),
      Buffer.alloc(12_000_000, 'ffd0', 'hex'),
      Buffer.from('ffda0000', 'hex'),
    ]);
    const grown = await growth(() => expect(decode(bytes)).rejects.toMatchObject({ code: 'INVALID_IMAGE' }));
    expect(grown).toBeLessThan(100 * MB);
  });

  test('that goes over its pixels hundreds of times', async () => {
    const image = sharp({ create: { width: 8000, height: 8000, channels: 3, background: '#888' } });
    const bytes = await image.jpeg({ progressive: true }).toBuffer();
    await expect(decode(manyPasses(bytes))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining('passes'),
    });
  });

  /** Tells each coefficient bit by bit, in a pass of its own, as the standard allows. */
  function manyPasses(bytes: Buffer): Buffer {
    const scans: number[] = [];
    for (let at = bytes.indexOf('ffda', 0, 'hex'); at >= 0; at = bytes.indexOf('ffda', at + 2, 'hex'))
      scans.push(at);
    const pass = (scan: number, coefficient: number, bit: number) => {
      const ends = [scans[scan + 1], bytes.indexOf('ffc4', scans[scan], 'hex')];
      const copy = Buffer.from(bytes.subarray(scans[scan], Math.min(...ends)));
      copy.set([coefficient, coefficient, bit === 13 ? 13 : ((bit + 1) << 4) | bit], 7);
      return copy;
    };
    const tables = (scan: number) =>
      bytes.subarray(bytes.indexOf('ffc4', scans[scan], 'hex'), scans[scan + 1]);
    const parts = [bytes.subarray(0, scans[1])];
    for (let bit = 13; bit >= 0; bit--) {
      if (bit === 12) parts.push(tables(4));
      for (let at = 1; at < 64; at++) parts.push(pass(bit === 13 ? 1 : 5, at, bit));
    }
    return Buffer.concat([...parts, Buffer.from('ffd9', 'hex')]);
  }
});

describe('SVG', () => {
  const svg = (inside: string, size = 8000) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${inside}</svg>`;
  const repeat = (times: number, part: (at: number) => string) =>
    Array.from({ length: times }, (_, at) => part(at)).join('');
  const rects = svg(
    repeat(3000, () => '<rect width="2000" height="2000" fill="red" opacity="0.5"/>'),
    2000,
  );
  const mask = (at: number, use: string) =>
    `<mask id="m${at}"><g ${at ? use : ''}><rect width="8000" height="8000" fill="#fff"/></g></mask>`;

  test.each([
    ['comments that never end', `<svg ${'<!--'.repeat(900_000)}`, 'INVALID_IMAGE'],
    ['declarations that never end', `<svg ${'<!DOCTYPE'.repeat(400_000)}`, 'INVALID_IMAGE'],
    ['comments, tag after tag', `<svg>${'<a><!-- '.repeat(400_000)}`, 'INVALID_IMAGE'],
    ['blanks that may stand in many places', `<svg href="${' '.repeat(3_000_000)}'>`, 'INVALID_IMAGE'],
    ['quotes that open only', `<svg ${'a="'.repeat(900_000)}`, 'INVALID_IMAGE'],
    [
      'masks of masks',
      svg(`${repeat(199, (at) => mask(at, `mask="url(#m${at - 1})"`))}<rect mask="url(#m198)"/>`),
      'TOO_LARGE',
    ],
    ['groups inside groups', svg(`${'<g opacity="0.9">'.repeat(190)}${'</g>'.repeat(190)}`), 'TOO_LARGE'],
    ['names that are written in two ways', svg('<g id="&#97;"/><use href="#a"/>'), 'INVALID_IMAGE'],
  ])('%s', async (_, text, code) => {
    await expect(decode(text)).rejects.toMatchObject({ code });
  });

  test('a drawing that takes too long is stopped at its time limit', async () => {
    const short = { limits: { ...limits, timeoutSeconds: 2 } };
    await expect(decode(rects, short)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('a cancelled job stops its drawing', async () => {
    await expect(decode(rects, { signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  test('a job that is cancelled while its file is opened begins no drawing', async () => {
    const job = new AbortController();
    const drawn = decode(rects, { signal: job.signal });
    job.abort();
    await expect(drawn).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('memory that only the renderer knows of is bounded', async () => {
    // Past the check: it does not read style sheets.
    const rules = repeat(198, (at) => `.c${at + 1}{mask:url(#m${at})}`);
    const masks = repeat(199, (at) => mask(at, `class="c${at}"`));
    const drawing = svg(
      `<style>${rules}</style>${masks}<rect mask="url(#m198)" width="8000" height="8000"/>`,
    );
    const small = { limits: { ...limits, timeoutSeconds: 60 } };
    await expect(decode(drawing, small)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining('memory'),
    });
  }, 60_000);

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('a drawing does not outlive the process that asked for it', async () => {
    const script = `require(${JSON.stringify(builtFile('lib/image/index.js'))})
      .decodeImage(${JSON.stringify(save(rects))}, { limits: ${JSON.stringify(limits)} })`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    const children = () => childrenOf(parent.pid!);
    while (!children().length) await sleep(50);
    const [child] = children();
    await sleep(1500);
    expect(existsSync(`/proc/${child}`)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    while (existsSync(`/proc/${child}`) && !isZombie(child)) await sleep(50);
  });

  onLinux('a decoder that died while it waited costs the next picture nothing', async () => {
    const good = svg('<rect width="9" height="9" fill="red"/>', 9);
    await decode(good);
    for (const child of childrenOf(process.pid)) {
      if (readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('guard'))
        process.kill(Number(child), 'SIGKILL');
    }
    expect((await decode(good)).rgb.width).toBe(9);
  });

  const childrenOf = (pid: number) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);

  /** A dead process that nobody has waited for yet. */
  function isZombie(pid: string): boolean {
    return execFileSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).startsWith('Z');
  }
});
