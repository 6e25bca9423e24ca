import { agreement } from './agreement';
import { choice } from './choice';
import { frontAndBack } from './front-and-back';
import { memoryShort } from './memory-short';
import type { Section, Settings, Tell } from './settings';
import { bare, engine, pytorch } from './speed';
import { tracking } from './tracking';

const SECTIONS = {
  agreement,
  bare,
  choice,
  engine,
  pytorch,
  frontAndBack,
  memoryShort,
  tracking,
} satisfies Record<string, Section>;
export type SectionName = keyof typeof SECTIONS;

/** One section in a process of its own: `node section.js NAME SETTINGS ARGUMENT…`; tells its parent by messages. */
async function main([name, settings, ...args]: string[]): Promise<void> {
  const tell: Tell = (...row) => void process.send!(row);
  await SECTIONS[name as SectionName](JSON.parse(settings) as Settings, tell, ...args);
  process.disconnect();
}

if (require.main === module) void main(process.argv.slice(2));
