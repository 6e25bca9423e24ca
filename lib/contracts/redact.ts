/** Names of fields, headers and variables that hold a secret, in any spelling. */
const SECRET_NAME =
  /secret|token|passw|passphrase|credential|authorization|signature|cookie|(api|access|service|private)[_-]?key|(^|[_.-])(keys?|auth|dsn)($|[_.-])|[_-]pwd$/i;

/** What services' keys and tokens look like: Google, Runway, OpenAI, Hugging Face, webhooks, Supabase, JWT. */
const SECRET_SHAPE = /\b(AIza|key_|sk-|hf_|whsec_|sb_secret_|eyJ)[\w.-]{16,}/g;

/** `"gemini_api_key":"…"` or `token=…` inside of a text, quotes escaped or not. */
const NAMED_SECRET =
  /((?:secret|token|passw|credential|authorization|api[_-]?key)[\w-]{0,40}(?:\\{0,8}")?\s{0,8}[:=]\s{0,8}(?:\\{0,8}")?(?:(?:Bearer|Basic)\s{1,8})?)[^\s"\\,;&{}[\]]+/gi;

/** Control characters, line ends and marks that turn the direction of writing: no text that is shown has a use for them. */
export const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** True for the name of something that must not be shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * A text fit to be shown: without what looks like a key, without users of addresses, and of a query only that there
 * is one, for signed addresses are keys too.
 */
export function redact(text: string): string {
  return text
    .replace(SECRET_SHAPE, '***')
    .replace(NAMED_SECRET, '$1***')
    .replace(/\/\/[^/?#\s@]*@/g, '//…@')
    .replace(/([?&#])[^\s=?&#]{1,200}=.*/s, '$1…');
}

/**
 * A value as JSON, fit to be shown.
 * @throws RangeError for lists in lists deeper than the stack
 */
export function redactedJson(value: unknown): string {
  const fit = (name: string, inner: unknown) => {
    if (isSecretName(name)) return '***';
    return typeof inner === 'string' ? redact(inner) : inner;
  };
  return JSON.stringify(value, fit) ?? String(value);
}
