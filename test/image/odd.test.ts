import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VitrineError } from '../../lib/contracts';
import { configureSharp, decodeImage, encodeImage, resizeRgb } from '../../lib/image';
import { difference, limits, temporaryFolder } from './pictures';

const data = resolve(process.env.VITRINE_TEST_DATA ?? join(__dirname, '../../../shared/data'), 'odd');
const present = existsSync(join(data, 'manifest.csv'));
const folder = temporaryFolder();

/** Path, folder and what another decoder made of it. */
const files = present ? readManifest() : [];

function readManifest(): Array<{ path: string; group: string; readable: boolean }> {
  const readable = new Map<string, boolean>();
  for (const line of readFileSync(join(data, 'manifest.csv'), 'utf8').split('\n')) {
    readable.set(line.split(',')[0], /,ok [^,]*$/.test(line.trim()));
  }
  const groups = readdirSync(data).filter((name) => name.startsWith('img_'));
  return groups.flatMap((group) =>
    readdirSync(join(data, group)).map((name) => {
      const path = `${group}/${name}`;
      return { path, group, readable: readable.get(path) === true };
    }),
  );
}

const decode = (path: string) => decodeImage(join(data, path), { limits });

function peakKilobytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
}

const withData = present ? describe : describe.skip;
const missing = present ? '' : ' (skipped: set VITRINE_TEST_DATA to the test data folder)';

withData(`odd pictures${missing}`, () => {
  let before: number;

  beforeAll(() => {
    configureSharp(2);
    // Other tests ran in this process before: Linux forgets their peak when it is told so (proc(5), clear_refs).
    if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
    // What they have left behind is not the pictures'.
    before = peakKilobytes();
  });

  test.each(files)('$path', async ({ path, group, readable }) => {
    const started = Date.now();
    const outcome = await decode(path).catch((error: unknown) => error);
    expect(Date.now() - started).toBeLessThan(30_000);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(VitrineError);
      const { code, message, hint } = outcome as VitrineError;
      expect(code).not.toBe('INTERNAL');
      expect(message.length).toBeGreaterThan(10);
      expect(message).not.toContain(data);
      expect(hint).toMatch(/\w/);
      expect(readable && group !== 'img_bomb').toBe(false);
      return;
    }
    const { rgb, alpha } = outcome as Awaited<ReturnType<typeof decode>>;
    expect(rgb.data).toHaveLength(rgb.width * rgb.height * 3);
    if (alpha) expect(alpha.data).toHaveLength(rgb.width * rgb.height);
    for (const format of ['png', 'webp', 'jpeg'] as const) {
      const file = join(folder, `out.${format}`);
      await encodeImage(file, rgb, { format, alpha: format === 'jpeg' ? undefined : alpha });
      const again = await decodeImage(file, { limits });
      expect([again.rgb.width, again.rgb.height]).toEqual([rgb.width, rgb.height]);
    }
  });

  test('1.5 GB of memory were enough for all of them', () => {
    expect(peakKilobytes() - before).toBeLessThan(1.5 * 1024 * 1024);
  });
});

withData(`EXIF rotations come out upright${missing}`, () => {
  const families = ['Landscape', 'Portrait', 'hopper', 'libvips__'].map((name) => ({
    name,
    members: files
      .filter(({ path }) => path.startsWith('img_exif/') && path.includes(name))
      .map(({ path }) => path),
  }));

  test.each(families.filter(({ members }) => members.length > 1))(
    '$name: all members look alike',
    async ({ members }) => {
      const [first, ...others] = await Promise.all(
        members.map(async (path) => {
          const { rgb } = await decode(path);
          return { aspect: rgb.width / rgb.height, data: (await resizeRgb(rgb, 32, 32)).data };
        }),
      );
      for (const other of others) {
        expect(Math.abs(other.aspect - first.aspect)).toBeLessThan(0.02);
        expect(difference(other.data, first.data).mean).toBeLessThan(6);
      }
    },
  );
});
