import { VitrineError, isWebAddress } from '../../contracts';

/** A file of Google Drive. */
export interface DriveFile {
  id: string;
  /** Older files need it beside their id. */
  resourceKey?: string;
}

/** Where links to files of Drive lead. */
const HOSTS = ['drive.google.com', 'docs.google.com', 'drive.usercontent.google.com'];
const ID = /^[\w-]{10,}$/;

/**
 * The file that a share link of Google Drive leads to, in any of its forms.
 * @returns undefined for an address of somebody else
 * @throws VitrineError INVALID_PARAMETER for folders, documents, and links without a file
 */
export function driveFileOf(url: string): DriveFile | undefined {
  if (!isWebAddress(url)) return undefined;
  const { hostname, pathname, searchParams } = new URL(url);
  if (!HOSTS.includes(hostname)) return undefined;
  if (/\/folders\/|\/folderview|\/drive\/(u\/\d+\/)?(my-drive|shared-with-me)/.test(pathname))
    throw refused('a folder of Google Drive', 'Open the folder, and share the link of the one video in it.');
  if (/^\/(a\/[^/]+\/)?(u\/\d+\/)?(document|spreadsheets|presentation|forms|drawings)\//.test(pathname))
    throw refused('a document of Google Docs', 'Share the link of a video file.');
  const id = /\/file\/(?:u\/\d+\/)?d\/([^/]+)/.exec(pathname)?.[1] ?? searchParams.get('id') ?? '';
  if (!ID.test(id))
    throw refused('a link to Google Drive without a file in it', 'Take the link of "Share", "Copy link".');
  const resourceKey = searchParams.get('resourcekey') ?? searchParams.get('resourceKey') ?? undefined;
  return { id, ...(resourceKey && { resourceKey }) };
}

function refused(what: string, hint: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_PARAMETER',
    message: `Expected a video but received ${what}`,
    hint,
  });
}
