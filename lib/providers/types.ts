/** A request to a service elsewhere. */
export interface ServiceRequest {
  /** http or https. Keys in its query show in no failure. */
  url: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent to the origin of `url`, and to no other that a redirect leads to. */
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: object;
  /** Sent as it is, in place of `json`; its content type stands in the headers. */
  body?: Buffer;
  /** Keys and tokens that no failure may show, should the service repeat them. */
  hide?: readonly string[];
  /** Hosts, addresses and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  /** Redirects that are followed, each of them to an allowed address; default 0: nothing leads a key elsewhere. */
  maxRedirects?: number;
  /** For each attempt, the last byte of the answer included. */
  timeoutSeconds: number;
  /** Requests at most, the first included; 1 where a second one could do the work twice. */
  attempts: number;
  /** What is asked again; default: statuses that pass by themselves, and connections that broke. */
  passes?(failure: ServiceFailure): boolean;
  /** Bytes of an answer, unpacked. */
  maxBytes: number;
  /** Where the answer is written; default: it is kept in memory. */
  file?: string;
  /** What `file` has already of the answer: only the rest is asked for, where it is still the same. */
  resume?: { from: number; validator: string };
  /** Told of an answer of 200 to 299 before its body is read. */
  onHead?(head: AnswerHead): void;
  /** Told of the bytes of the body that are there, those of before included. */
  onBytes?(received: number): void;
  /** Seconds that the JSON of a refusal asks to wait, for a service that says it there. */
  retryAfterOf?(body: unknown): number | undefined;
  signal: AbortSignal;
  /** Ends the waits between requests; default: `signal`. For a request that must not be broken off. */
  waiting?: AbortSignal;
}

/** What comes before the body of an answer. */
export interface AnswerHead {
  status: number;
  /** In lower case. */
  headers: Record<string, string | undefined>;
  /** Where the redirects led. */
  url: string;
}

/** An answer of 200 to 299. */
export interface ServiceAnswer {
  status: number;
  /** Empty where the answer went into a file. */
  body: Buffer;
}

/** Why there is no answer. */
export type ServiceFailure =
  /**
   * Answered 400 or above. `words` are the service's own, without keys; `body` is all of its JSON, to be looked at and
   * not to be shown, and `page` what it sent in place of JSON; `retryAfter`: seconds, a day at most.
   */
  | { kind: 'refused'; status: number; words?: string; body: unknown; page?: string; retryAfter?: number }
  /** Answered 300 to 399 where no redirect is followed. */
  | { kind: 'redirected'; status: number }
  /** Its address, or one that it leads to, is not public. */
  | { kind: 'blocked' }
  | { kind: 'late'; seconds: number }
  | { kind: 'large'; maxBytes: number }
  /** `passes`: may be tried again. */
  | { kind: 'broken'; reason: string; passes: boolean };
