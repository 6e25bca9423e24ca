import { invalid } from './validate';

/**
 * Every credential that a job can bring along in its `secrets`, and the engine's variables for jobs that bring none, of
 * which the first that is set counts.
 */
const KNOWN = {
  gemini_api_key: ['GEMINI_API_KEY'],
  runway_api_key: ['RUNWAY_API_KEY'],
  supabase_key: ['SUPABASE_KEY', 'SUPABASE_SERVICE_KEY'],
  webhook_secret: ['APP_WEBHOOK_SECRET'],
} as const;

export type SecretName = keyof typeof KNOWN;

/** The engine's variables for them. */
export const SECRET_VARIABLES: readonly string[] = Object.values(KNOWN).flat();

/**
 * The credentials of a job, kept for its duration, or of an engine; seen by nobody. Logged, printed or turned into JSON it shows
 * nothing, and it cannot be posted to a worker: what holds a function cannot be cloned.
 */
export class Secrets {
  /** The values themselves, for the one call that needs them. */
  readonly reveal: () => Partial<Record<SecretName, string>>;

  /** @param values blank ones are none, and blanks around others are taken off */
  constructor(values: Partial<Record<SecretName, string | null | undefined>> = {}) {
    const given = Object.entries(values).map(([name, value]) => [name, value?.trim()]);
    const kept = Object.fromEntries(given.filter(([, value]) => value));
    this.reveal = () => kept;
  }

  toJSON(): string {
    return '[hidden]';
  }

  /** What `util.inspect` and so the console asks for. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secrets [hidden]';
  }
}

/** The engine's own, for jobs that bring none. */
export function secretsOfEnvironment(env: Record<string, string | undefined>): Secrets {
  const values = Object.entries(KNOWN).map(([name, variables]) => {
    const given = variables.map((variable) => env[variable]);
    return [name, given.find((value) => value?.trim())];
  });
  return new Secrets(Object.fromEntries(values));
}

/**
 * Parts a request from its `secrets`, so that no error can quote one of them.
 * @param names of those that the job has a use for
 * @throws VitrineError INVALID_PARAMETER, which shows neither values nor unknown names
 */
export function takeSecrets(
  request: object,
  names: readonly SecretName[],
): { request: Record<string, unknown>; secrets: Secrets } {
  const { secrets: value, ...rest } = request as { secrets?: unknown };
  if (value === undefined || value === null) return { request: rest, secrets: new Secrets() };
  const fields = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : undefined;
  const known = fields?.every(
    ([name, text]) => (names as string[]).includes(name) && (text === null || typeof text === 'string'),
  );
  if (known) return { request: rest, secrets: new Secrets(value) };
  const expected = names.length
    ? `an object with ${names.join(', ')}, ${names.length > 1 ? 'each a text' : 'a text'}`
    : 'left out';
  throw invalid('secrets', expected, value);
}

/** A JSON schema of `secrets` for the API's description. */
export function secretsSchema(names: readonly SecretName[]) {
  const field = (name: SecretName) => ({
    type: 'string',
    format: 'password',
    description: `default: ${KNOWN[name].join(' or ')} of the engine`,
  });
  return {
    type: 'object',
    additionalProperties: false,
    description: 'Credentials for this job only; never written anywhere. Send them over loopback or TLS.',
    properties: Object.fromEntries(names.map((name) => [name, field(name)])),
  };
}
