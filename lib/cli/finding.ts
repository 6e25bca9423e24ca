/** One thing that Vitrine needs, and what to do when it is not there. */
export interface Finding {
  check: string;
  /** `warn`: works without, but something is missing. */
  status: 'ok' | 'warn' | 'fail';
  detail: string;
  /** The next step; only when something is missing. */
  next?: string;
}
