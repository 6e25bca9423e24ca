import { VitrineError } from '../../contracts';
import { type Service, denied, providerError, rejected } from '../errors';
import { mayPass } from '../http';
import type { ServiceFailure } from '../types';

/** What was asked of Supabase, for the words of its failures. */
export type Place = { bucket: string; key?: string } | { table: string };

/** How a request ended that the library was to make; it never leaves this room. */
export class CallFailed extends Error {
  constructor(readonly failure: ServiceFailure) {
    super(`The request failed: ${failure.kind}`);
  }
}

/** @param url where the project answers */
export function supabaseAt(url: string): Service {
  return {
    name: 'Supabase',
    url,
    hints: {
      denied:
        "Take the project's service role key, or a secret key (sb_secret_…), from its API settings, and check that it belongs to this project's address.",
      rejected: 'Correct what Supabase names, and run the job again.',
      busy: 'run fewer jobs at a time, or raise the limits of the project.',
      failed: 'Check that the project is there and not paused, and run the job again.',
      address: 'Correct SUPABASE_URL, or the address in the credential.',
    },
  };
}

/** The status that is meant: Storage answers 400 and says the true one in the body. */
export function statusOf(failure: Extract<ServiceFailure, { kind: 'refused' }>): number {
  const { statusCode } = (failure.body ?? {}) as { statusCode?: unknown };
  const told = Number(statusCode);
  return Number.isInteger(told) && told >= 400 && told < 600 ? told : failure.status;
}

/** Every request here may be made twice, so one that came too late as well; 544 is a database without time. */
export function supabasePasses(failure: ServiceFailure): boolean {
  if (failure.kind !== 'refused') return failure.kind === 'late' || mayPass(failure);
  const status = statusOf(failure);
  return status >= 500 || [408, 425, 429].includes(status);
}

/** The error for a failure of one request. */
export function explain(failure: ServiceFailure, place: Place, service: Service): VitrineError {
  if (failure.kind !== 'refused') return providerError(failure, service);
  const status = statusOf(failure);
  const meant = { ...failure, status };
  if (status === 401 || status >= 500 || status === 429) return providerError(meant, service);
  const words = failure.words ?? `it answered ${status}`;
  if (/\b(jwt|jws|api key)\b/i.test(words)) return denied(words, service);
  return 'table' in place
    ? ofTable(codeOf(failure.body), words, place)
    : ofStorage(status, words, place, service);
}

function ofStorage(
  status: number,
  words: string,
  { bucket, key }: Extract<Place, { bucket: string }>,
  service: Service,
): VitrineError {
  if (status === 403) {
    return denied(`it may not do this in the bucket ${bucket}: ${words}`, {
      ...service,
      hints: {
        ...service.hints,
        denied: `Use the service role key, or give the role of this key INSERT, SELECT, UPDATE and DELETE policies for the bucket ${bucket} on storage.objects: replacing a file needs SELECT and UPDATE as well.`,
      },
    });
  }
  if (status === 404 && (key === undefined || /bucket/i.test(words))) {
    return rejected(
      `Supabase has no bucket ${bucket}: ${words}`,
      `Create the bucket ${bucket} under Storage (public, where its links are to work for everybody), or name another one.`,
    );
  }
  if (status === 404)
    return rejected(`There is no file ${key} in the bucket ${bucket} of Supabase`, 'Correct its name.');
  if (status === 415 || /mime/i.test(words)) {
    return rejected(
      `The bucket ${bucket} of Supabase does not take ${key}: ${words}`,
      'Add the type to the allowed MIME types of the bucket: PNG and JSON are needed.',
    );
  }
  return rejected(
    `Supabase Storage refused ${key ?? 'the request'} in the bucket ${bucket} (${status}): ${words}`,
    service.hints.rejected,
  );
}

/** Codes of PostgREST and of PostgreSQL, https://postgrest.org/en/stable/references/errors.html */
function ofTable(code: string, words: string, { table }: { table: string }): VitrineError {
  if (code === '42501')
    return rejected(
      `The key may not change the table ${table} of Supabase: ${words}`,
      'Use the service role key, or give its role SELECT and UPDATE policies on this table.',
    );
  const hints: Record<string, string> = {
    PGRST205: 'Name the table as it is called in the schema public.',
    '42P01': 'Name the table as it is called in the schema public.',
    PGRST204: 'Add the column, name another one, or leave its name blank so that it is not written.',
    '42703': 'Add the column, name another one, or leave its name blank so that it is not written.',
    '22P02':
      "Send an id of the column's type, such as a UUID, and write each field to a column that takes it.",
  };
  const hint = hints[code] ?? 'Correct what Supabase names, or write to other columns.';
  return rejected(`Supabase refused to change the table ${table}${code && ` (${code})`}: ${words}`, hint);
}

function codeOf(body: unknown): string {
  const { code } = (body ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9]{5,10}$/.test(code) ? code : '';
}

/** An update that changed nothing says nothing by itself. */
export function noRow(table: string, column: string, value: string | number): VitrineError {
  return rejected(
    `The table ${table} of Supabase has no row with ${column} = ${value} that this key may change`,
    'Correct the id, or use the service role key: where a policy hides a row, an update of it passes in silence.',
  );
}

/** The library could make nothing of an answer. */
export function unreadable({ hints }: Service, cause: unknown): VitrineError {
  const message = 'Supabase answered with something else than it does';
  return new VitrineError({ code: 'PROVIDER_FAILED', message, hint: hints.address }, { cause });
}
