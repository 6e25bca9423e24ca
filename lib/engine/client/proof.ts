import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a proof is asked with, as a regular expression. */
export const CHALLENGE = '^[\\w-]{22,64}$';

/** What a proof is about. */
export interface Question {
  /** Never used twice. */
  challenge: string;
  /** Who answers. */
  instance: string;
  /** IP address and port where the question arrived: nobody can pass on the answer of an engine elsewhere. */
  address: string;
}

/** What nobody has been asked before. */
export function newChallenge(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * How an engine shows that it knows the token, so that nobody has to send it the token to find out: HMAC-SHA256
 * (RFC 2104) of the question, as base64url.
 */
export function proofOf(token: string, { challenge, instance, address }: Question): string {
  return createHmac('sha256', token).update(`${challenge} ${instance} ${address}`).digest('base64url');
}

/** True where `proof` was made by somebody who knows the token. */
export function isProof(proof: unknown, token: string, question: Question): boolean {
  const expected = Buffer.from(proofOf(token, question));
  const given = Buffer.from(typeof proof === 'string' ? proof : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
