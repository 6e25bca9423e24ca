import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forTerminal } from '../../lib/cli/output';
import { builtFile } from '../../lib/contracts';
import { tempFolder } from '../support/temp';

test.each([
  ['Größe 杯子 👩‍👧.jpg', 'Größe 杯子 👩‍👧.jpg'],
  ['a\u001b[2J\u001b]0;title\u0007.jpg', 'a\\u001b[2J\\u001b]0;title\\u0007.jpg'],
  ['a\u009b2J', 'a\\u009b2J'],
  ['a\r\nb\tc\u0000\u007f', 'a\\u000d\\u000ab\\u0009c\\u0000\\u007f'],
  ['a\u202egpj.exe\u2066\u2028', 'a\\u202egpj.exe\\u2066\\u2028'],
])('%j is shown as %j', (text, shown) => expect(forTerminal(text)).toBe(shown));

describe('names that the terminal must not obey', () => {
  const folder = tempFolder();
  const name = 'a\u001b[31m\u009b2J\u202e\nb.jpg';

  function vitrine(...args: string[]) {
    const env = { ...process.env, VITRINE_HOME: join(folder, 'home'), VITRINE_TEMP_DIR: folder };
    const main = builtFile('lib/cli/main.js');
    return spawnSync(process.execPath, [main, ...args], { cwd: folder, env, encoding: 'utf8' });
  }

  beforeAll(() => writeFileSync(join(folder, name), 'no picture'));

  test.each([
    ['a file', ['remove', name, '-o', 'cut.png']],
    ['a missing file', ['remove', `missing ${name}`, '-o', 'cut.png']],
    ['an option', ['doctor', `--${name}`]],
    ['a job file', ['process', name, '-o', 'out']],
  ])('of %s', (_, args) => {
    const { status, stdout, stderr } = vitrine(...args);
    expect(status).not.toBe(0);
    expect(stderr).toContain('\\u001b[31m\\u009b2J\\u202e');
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('JSON stays the same for programs', () => {
    const { stdout } = vitrine('remove', name, '-o', 'cut.png', '--json');
    expect(JSON.parse(stdout).input).toBe(name);
    expect(stdout).not.toMatch(/[\u007f-\u009f\u202e]/);
  });
});
