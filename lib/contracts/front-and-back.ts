import { z } from 'zod/v4';
import { isWebAddress } from './addresses';
import type { ErrorBody } from './errors';
import { removeParams, type Device } from './remove';

/** The pictures that a front-and-back job makes, in the seed service's names and order. */
export const FRONT_AND_BACK_OUTPUTS = ['front_rmbg', 'front_birefnet', 'back_rmbg', 'back_birefnet'] as const;
export type FrontAndBackOutput = (typeof FRONT_AND_BACK_OUTPUTS)[number];

const modelId = removeParams.shape.model.unwrap();
const address = z.string().trim().refine(isWebAddress).describe('an http or https address of a picture');
const path = z.string().trim().min(1).describe('an http or https address, or the path of a file');
const blankIsNone = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional()).optional();

const pictures = <T extends z.ZodType>(source: T) =>
  z
    .strictObject({ front: source, back: blankIsNone(source) })
    .describe('an object with the address of front and, where there is one, of back');

/** The body of `POST /process`: the seed service's fields, and which networks cut. */
export const frontAndBackParams = z.strictObject({
  id: z
    .union([
      z.int(),
      z
        .string()
        .max(200)
        .refine((text) => text.trim() !== ''),
    ])
    .describe('a whole number up to 2^53 or a text of 1 to 200 characters'),
  output: pictures(address),
  rmbg_model: modelId.default('rmbg-2.0').describe('a model id such as rmbg-2.0 (makes *_rmbg)'),
  birefnet_model: modelId.default('birefnet').describe('a model id such as birefnet (makes *_birefnet)'),
  device: removeParams.shape.device,
  strict_device: removeParams.shape.strict_device,
  prompt: blankIsNone(z.string().trim().max(4000)).describe(
    'a text of at most 4000 characters (what Gemini is to clean up in each picture first; off without it)',
  ),
  gemini_model: blankIsNone(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/)).describe(
    'the id of a Gemini model that answers with pictures (default: VITRINE_GEMINI_MODEL)',
  ),
});

/** The same job as a file of the terminal, where pictures may lie on the disk. */
export const frontAndBackFile = frontAndBackParams.extend({ output: pictures(path) });

export type FrontAndBackParams = z.output<typeof frontAndBackParams>;

/** The answer: the seed service's fields, and what became of each picture. */
export interface FrontAndBackResult extends Record<FrontAndBackOutput, string | null> {
  id: number | string;
  processing_time_seconds: number;
  /** Why an output is null, where its picture was asked for. */
  errors: Partial<Record<FrontAndBackOutput, ErrorBody>>;
  /** What really ran for each output that was made. */
  models: Partial<Record<FrontAndBackOutput, { model: string; device: Exclude<Device, 'auto'> }>>;
  /** The Gemini model that cleaned the pictures up first; null without a prompt. */
  cleaned_up_by: string | null;
  /** Things the reader should know, such as a device fallback; each begins with its output's name. */
  warnings: string[];
}

/**
 * An id as part of a file name: letters, digits and single hyphens, at most 40 of them.
 * @example fileSafeId('../Größe 42/é') // 'Grosse-42-e'
 */
export function fileSafeId(id: number | string): string {
  const ascii = String(id).replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, '');
  const safe = ascii.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40);
  return safe.replace(/^-|-$/g, '') || 'unnamed';
}
