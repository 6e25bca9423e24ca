import { createHash } from 'node:crypto';
import { invalid } from '../../contracts';

/** What Supabase takes in a name, without what an address would have to escape in odd ways. */
const SAFE = /^[A-Za-z0-9_!.*'() &$=@;:+,-]+$/;
/** Characters of a name that is made fit; a hash follows. */
const MAX_NAME = 80;

/**
 * A path as Supabase takes it for a key: names with other letters are written in plain ones and told apart by a piece of
 * their hash, so that the same path always gives the same key and two never give one.
 * @param path with slashes between its names
 * @throws VitrineError INVALID_PARAMETER for a path that leads nowhere or elsewhere, such as `a//b` or `../b`
 * @example storageKey('Größe 42/frame_0001.png') // 'Grosse 42-1f9d3a5c/frame_0001.png'
 */
export function storageKey(path: string): string {
  return path
    .split('/')
    .map((name) => {
      if (!name.trim() || name === '.' || name === '..')
        throw invalid('a path in Supabase Storage', 'names with single slashes between them', path);
      return SAFE.test(name) && name.length <= 200 ? name : fitName(name);
    })
    .join('/');
}

function fitName(name: string): string {
  const [, stem, extension] = /^(.*?)(\.[A-Za-z0-9]{1,8})?$/s.exec(name)!;
  const ascii = stem.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, '');
  const safe = ascii.replace(/[^A-Za-z0-9_ .-]+/g, '-').slice(0, MAX_NAME);
  const hash = createHash('sha256').update(name.normalize('NFC')).digest('hex').slice(0, 8);
  return `${[safe.replace(/^[-\s]+|[-\s]+$/g, ''), hash].filter(Boolean).join('-')}${extension ?? ''}`;
}

/** A key as a part of an address. */
export const encodeKey = (key: string) => key.split('/').map(encodeURIComponent).join('/');
