import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { builtFile, packageRoot } from '../lib/contracts';
import { carried, past, writeClip } from './clip';

const FRAMES = 12;
const SIZE = { width: 960, height: 960 };
const CLIPS = {
  kettle: past('packshots/kettle.jpg'),
  handbag: past('packshots/handbag.jpg'),
  'toy-car': carried('packshots/toy-car', 'scenes/reading-table.jpg'),
};

/** `npm run sheet:segment` draws docs/images/video-sheet.jpg: three clips of the examples, cut out by the model of the package. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-sheet-'));
  try {
    const sheets: Buffer[] = [];
    for (const [name, draw] of Object.entries(CLIPS)) {
      const clip = join(folder, `${name}.mp4`);
      await writeClip(clip, draw, FRAMES, SIZE);
      const out = join(folder, name);
      execFileSync(
        process.execPath,
        [builtFile('lib/cli/main.js'), 'segment', clip, '-o', out, '--model', 'u2netp'],
        {
          stdio: 'inherit',
        },
      );
      sheets.push(await sharp(join(out, 'contact-sheet.jpg')).toBuffer());
    }
    const sizes = await Promise.all(sheets.map((sheet) => sharp(sheet).metadata()));
    const width = Math.max(...sizes.map((size) => size.width));
    let top = 0;
    const rows = sheets.map((input, i) => {
      const row = { input, left: 0, top };
      top += sizes[i].height;
      return row;
    });
    await sharp({ create: { width, height: top, channels: 3, background: '#fff' } })
      .composite(rows)
      .jpeg({ quality: 82, mozjpeg: true })
      .toFile(join(packageRoot, 'docs', 'images', 'video-sheet.jpg'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
