import { readdirSync } from 'node:fs';

/** The names of everything below a folder that others work in: what goes away meanwhile is left out. */
export function filesBelow(folder: string): string[] {
  for (;;) {
    try {
      return readdirSync(folder, { recursive: true }).map(String);
    } catch (error) {
      // A folder below it went away while it was read.
      const { code, path } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' || path === folder) throw error;
    }
  }
}
