import { extname } from 'node:path';
import { FORMATS, type OutputFormat, type Target } from '../../contracts';

/** What the folders of a class are called, the usual name first. */
export const FOLDER_NAMES: Record<Target, readonly string[]> = {
  syn: ['syn', 'synthetic'],
  real: ['real'],
};

/** Endings of pictures that can be read. */
const PICTURES = /^\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf])$/i;
/** What systems put into folders of photos. */
const SIDE_FILE = /^(\..*|(eh)?thumbs\.db|desktop\.ini|icon\r)$/i;
/** Folders of archivers, of network drives and of disks. */
const SIDE_FOLDER = /^(\..*|__macosx|@eadir|#recycle|\$recycle\.bin|system volume information|lost\+found)$/i;
const MADE = /^aug_(\d{1,9})\.(jpe?g|png|webp)$/i;

export const isSideFolder = (name: string) => SIDE_FOLDER.test(name);
export const isPicture = (name: string) => !SIDE_FILE.test(name) && PICTURES.test(extname(name));

/** Whether a picture was made of others, by us or by the older service: nothing is made of it, and it counts. */
export const isMade = (name: string) => /^aug_/i.test(name);

/** The number in the name of a picture that was made; undefined where it has none. */
export function indexOf(name: string): number | undefined {
  const [, digits] = MADE.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** @example madeName(7, 'jpeg') // 'aug_0007.jpg' */
export function madeName(index: number, format: OutputFormat): string {
  return `aug_${String(index).padStart(4, '0')}.${FORMATS[format].extension}`;
}

/** Which of a class's folders a name stands for. */
export function targetOf(folder: string): Target | undefined {
  const name = folder.toLowerCase();
  return (Object.keys(FOLDER_NAMES) as Target[]).find((target) => FOLDER_NAMES[target].includes(name));
}

/** Names in an order that is the same on every machine. */
export const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
