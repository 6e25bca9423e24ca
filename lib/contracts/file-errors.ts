/** What the system says of a file, and what mends it; by the codes of Node's file errors. */
const FILE_ERRORS: Record<string, [reason: string, hint: string]> = {
  EACCES: [
    'this user may not use it',
    'Correct the rights of it and of the folders above it, or choose another place.',
  ],
  EPERM: ['the system does not allow that', 'Correct its owner and rights, or choose another place.'],
  EROFS: ['it lies on a file system that is read-only', 'Choose a place that can be written.'],
  ENOENT: [
    'it is not there, or not any more',
    'Check the path, and that nothing cleans that place up meanwhile.',
  ],
  ENOTDIR: ['a part of its path is a file where a folder is needed', 'Correct the path.'],
  EISDIR: ['it is a folder where a file is needed', 'Name a file.'],
  EEXIST: ['something of that name is there already', 'Choose another name, or move away what is there.'],
  ENOTEMPTY: ['the folder there is not empty', 'Choose another name, or move away what is there.'],
  ENAMETOOLONG: ['the name is too long for the file system', 'Choose a shorter name.'],
  ELOOP: ['its links lead round in a circle', 'Correct the links.'],
  EMFILE: [
    'too many files are open',
    'Work on fewer pictures at a time, or raise the limit of open files (ulimit -n).',
  ],
  EBUSY: ['another program uses it', 'Close the other program and try again.'],
  EIO: ['the disk reports an error', 'Check the disk.'],
  ENOSPC: ['the disk is full', 'Free some space and run the job again.'],
  EDQUOT: ['the disk quota of this user is used up', 'Free some space and run the job again.'],
};

/** Sockets and the start of programs fail with the same codes. */
const OTHER_CALLS = /^(bind|listen|connect|accept|getaddrinfo|spawn)/;

/**
 * What an error of `node:fs` means, for people.
 * @returns undefined for anything else
 */
export function describeFileError(
  error: unknown,
): { full: boolean; message: string; hint: string } | undefined {
  const { code = '', path, dest, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  const known = FILE_ERRORS[code];
  if (!known || OTHER_CALLS.test(syscall)) return undefined;
  const [reason, hint] = known;
  const place = [path, dest].filter((name) => typeof name === 'string').join(' -> ');
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return { full, message: `${place || 'A file'} cannot be used (${code}): ${reason}`, hint };
}
