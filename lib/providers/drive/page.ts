import { VitrineError } from '../../contracts';

const QUOTA = /quota exceeded|too many users have (viewed|downloaded)|download quota/i;
const NOT_SHARED =
  /accounts\.google\.com\/[\w/]*(signin|servicelogin)|you need access|request access|sign in to continue/i;
const GONE = /file you have requested does not exist|error 404|in the trash|violat/i;

/**
 * The address that the confirmation page of a large file leads to ("too large to scan for viruses").
 * @param html of the page
 * @param url of the page
 * @returns an address with all that the page's form holds
 * @throws VitrineError QUOTA_EXCEEDED, FETCH_FAILED for pages that say something else
 */
export function confirmedAddress(html: string, url: string): string {
  if (isQuota(html)) throw quotaExceeded();
  const form = /<form\b[^>]*\bid="?(?:download|uc)-(?:form|download-form)"?[^>]*>([\s\S]*?)<\/form>/i.exec(
    html,
  );
  const link = /href="([^"]*\/uc\?[^"]*confirm=[^"]*)"/i.exec(html)?.[1];
  if (form) {
    const target = new URL(attribute(form[0], 'action') ?? url, url);
    for (const [input] of form[1].matchAll(/<input\b[^>]*>/gi)) {
      const name = attribute(input, 'name');
      if (name && /hidden/i.test(attribute(input, 'type') ?? ''))
        target.searchParams.set(name, attribute(input, 'value') ?? '');
    }
    return target.href;
  }
  if (link) return new URL(unescapeHtml(link), url).href;
  if (NOT_SHARED.test(html) || NOT_SHARED.test(url)) throw notShared();
  if (GONE.test(html)) throw gone();
  throw failed('it answered with a page in place of the file');
}

/** True for a page that says that the file was downloaded too often. */
export function isQuota(html: string): boolean {
  return QUOTA.test(html);
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(
    tag.slice(0, tag.indexOf('>') + 1),
  );
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : unescapeHtml(value);
}

function unescapeHtml(text: string): string {
  const names: Record<string, string> = { amp: '&', quot: '"', '#39': "'", lt: '<', gt: '>' };
  return text.replace(/&(amp|quot|#39|lt|gt);/g, (_, name: string) => names[name]);
}

export function quotaExceeded(): VitrineError {
  return new VitrineError({
    code: 'QUOTA_EXCEEDED',
    message: 'Google Drive gives the video to nobody for now: it was viewed or downloaded too often',
    hint: 'Drive lifts this by itself within up to 24 h; asking again does not help. Copy the file in Drive and share the copy, or send the video itself.',
  });
}

export function notShared(): VitrineError {
  return failed(
    'it is not shared with everybody',
    'In Drive, share it with "Anyone with the link", and take that link.',
  );
}

export function gone(): VitrineError {
  return failed(
    'there is no such file, or its link is not whole',
    'Take the link of "Share", "Copy link" anew: older files need the resourcekey in it.',
  );
}

export function failed(reason: string, hint?: string): VitrineError {
  return new VitrineError({
    code: 'FETCH_FAILED',
    message: `Could not download the video from Google Drive: ${reason}`,
    hint:
      hint ??
      'Open the link in a private window of a browser: it must offer the download. Or send the video itself.',
  });
}
