import { join } from 'node:path';
import { VitrineError } from '../contracts';
import { readJson, writeJson } from './records';
import type { Registry } from './registry';
import type { ModelEntry } from './schema';

/** Licences that allow any use of the pictures made: the only ones `auto` takes, and no acknowledgement is asked for. */
const PERMISSIVE = [
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'CC0-1.0',
  'CC-BY-4.0',
  'Unlicense',
];

/** Name of the file in the models folder that says who accepted what. */
const LICENSES = 'licenses.json';

interface Acceptance {
  model: string;
  license: string;
  /** ISO 8601 */
  at: string;
}

/** True where the licence must be accepted by name before the model is downloaded. */
export function needsAcknowledgement({ gated, license }: ModelEntry): boolean {
  return gated || !PERMISSIVE.includes(license);
}

/** The licences that were accepted on this machine, oldest first. */
export async function acceptedLicenses({ modelsDir }: Registry): Promise<Acceptance[]> {
  const { accepted } = await readJson<{ accepted?: Acceptance[] }>(join(modelsDir, LICENSES), {});
  return accepted ?? [];
}

/**
 * Makes sure that a model's licence is accepted, now or earlier, and records it.
 * @param accept the licence that the user accepts, as the registry spells it (any case)
 * @throws VitrineError LICENSE_REQUIRED naming the licence and the command
 */
export async function requireLicense(registry: Registry, entry: ModelEntry, accept?: string): Promise<void> {
  const { id, license } = entry;
  if (!needsAcknowledgement(entry)) return;
  const accepted = await acceptedLicenses(registry);
  if (accepted.some((one) => one.model === id && one.license === license)) return;
  if (accept?.toLowerCase() !== license.toLowerCase()) throw licenseRequired(entry, accept);
  const acceptance: Acceptance = { model: id, license, at: new Date().toISOString() };
  await writeJson(join(registry.modelsDir, LICENSES), { accepted: [...accepted, acceptance] });
}

function licenseRequired({ id, license, notes }: ModelEntry, accept?: string): VitrineError {
  const given =
    accept === undefined ? 'and it was not accepted yet' : `and ${JSON.stringify(accept)} was accepted`;
  return new VitrineError({
    code: 'LICENSE_REQUIRED',
    message: `The model ${id} is under the licence ${license}, ${given}`,
    hint: `Read the licence${notes ? ` (${notes.replace(/\.$/, '')})` : ''}. To accept it once for this machine: \`vitrine models pull ${id} --accept-license "${license}"\`.`,
  });
}
