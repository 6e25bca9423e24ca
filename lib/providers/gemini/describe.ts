import { readFile } from 'node:fs/promises';
import { type ProductMetadata, geminiVisionModels, invalid } from '../../contracts';
import { type Service, failed } from '../errors';
import { callService } from '../http';
import type { ServiceFailure } from '../types';
import { noText, readText } from './answer';
import { type GeminiAccess, contentRequest, listModels } from './ask';
import { explain, geminiAt, isGone } from './errors';
import { readMetadata } from './metadata-answer';
import { LONG_FIELDS, metadataPrompt, metadataSchema } from './metadata-schema';

/** Bytes of all pictures: a request may have 20 MB, and base64 adds a third. */
const MAX_BYTES = 14 * 1024 * 1024;
/** Tokens of an answer with what was thought before it; a full one has about 3000. */
const MAX_OUTPUT_TOKENS = 8192;
/** Tokens of thoughts, for models that count them. */
const THINKING_BUDGET = 1024;

export interface DescribeOptions {
  /** Sent in a header to `baseUrl`, and to nobody else. */
  apiKey: string;
  /** Where the API answers, without a slash at the end. */
  baseUrl: string;
  /** Id of a model that sees pictures and answers with words. */
  model: string;
  /** The job named the model: no other one is taken in its place. */
  named?: boolean;
  /** Paths of JPEG files, the best first: a few, sharp, from different sides. */
  images: readonly string[];
  /** What the job knows; compared with what is seen, and never told to the model. */
  barcode?: string;
  /** Hosts and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  signal: AbortSignal;
}

export interface ProductDescription {
  metadata: ProductMetadata;
  /** The model that really wrote it. */
  model: string;
  warnings: string[];
}

/**
 * Has Gemini read what pictures show of a product. What they do not show is null.
 * @throws VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED, INVALID_PARAMETER without
 *   pictures; what the signal was aborted with. No message holds the key.
 */
export async function describeProduct(options: DescribeOptions): Promise<ProductDescription> {
  const { apiKey: key, baseUrl: url, allowHosts, signal, images, named } = options;
  const access: GeminiAccess = { key, url, allowHosts, signal };
  const warnings: string[] = [];
  const pictures = await readPictures(images, warnings);
  const describe = async (model: string) => {
    const { metadata, warnings: own } = await ask(access, model, pictures, options.barcode);
    return { metadata, model, warnings: [...warnings, ...own] };
  };
  try {
    return await describe(options.model);
  } catch (error) {
    // Models are shut down after a while: what the key has now takes over, unless the job asked for this very one.
    if (named || !isGone(error)) throw error;
    const other = geminiVisionModels(await listModels(access)).find((id) => id !== options.model);
    if (!other) throw error;
    warnings.push(
      `Gemini has no model ${options.model} any more: ${other} read the product. Set VITRINE_GEMINI_VISION_MODEL.`,
    );
    return describe(other);
  }
}

/** @param url where its API answers */
function readerAt(url: string): Service {
  const service = geminiAt(url);
  const failed = 'Run the job again later, or leave the metadata out to do without Gemini.';
  const rejected = 'Take other pictures of the product, choose another model, or leave the metadata out.';
  return { ...service, hints: { ...service.hints, failed, rejected } };
}

/** Asks, and once more where the answer is of no use; what was wrong with the first one is not told to the model. */
async function ask(
  access: GeminiAccess,
  model: string,
  pictures: object[],
  barcode: string | undefined,
): Promise<{ metadata: ProductMetadata; warnings: string[] }> {
  const service = readerAt(access.url);
  let brief = false;
  for (let attempt = 1; ; attempt++) {
    const { text, ended } = await write(access, model, pictures, brief, service);
    if (ended === 'STOP' || (ended === '' && text)) {
      const read = readMetadata(text, barcode);
      const left = `Gemini would not quote so much: ${LONG_FIELDS.join(', ')} were left out.`;
      if (read) return brief ? { ...read, warnings: [left, ...read.warnings] } : read;
      if (attempt > 1) {
        throw failed(
          `Gemini (${model}) described the product in JSON that cannot be read, asked twice`,
          service.hints.failed,
        );
      }
    } else {
      // Packs full of print: less of it is allowed, and fits.
      brief = ['RECITATION', 'MAX_TOKENS'].includes(ended);
      if (attempt > 1 || !(brief || ended === 'MALFORMED_RESPONSE')) throw noText(ended, model);
    }
  }
}

async function write(
  access: GeminiAccess,
  model: string,
  pictures: object[],
  brief: boolean,
  service: Service,
): Promise<{ text: string; ended: string }> {
  const parts = [{ text: metadataPrompt(brief) }, ...pictures];
  const config = {
    responseMimeType: 'application/json',
    responseJsonSchema: metadataSchema(brief),
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
  let refused = false;
  const send = (more: object) =>
    callService(contentRequest(access, model, parts, { ...config, ...more }), (failure) => {
      refused = isAboutThinking(failure);
      return explain(failure, service, model);
    });
  const thoughtful = { thinkingConfig: thinkingOf(model) };
  const { body } = await send(thoughtful).catch((error: unknown) => {
    if (!refused) throw error;
    return send({});
  });
  return readText(body, service);
}

/** Thoughts count as a part of the answer, and can use all of it up; since Gemini 3 a level bounds them. */
function thinkingOf(model: string): object {
  return /^gemini-[12]\b/.test(model) ? { thinkingBudget: THINKING_BUDGET } : { thinkingLevel: 'low' };
}

/** Some models do not think, or cannot be told how much. */
function isAboutThinking(failure: ServiceFailure): boolean {
  return failure.kind === 'refused' && failure.status === 400 && /think/i.test(failure.words ?? '');
}

async function readPictures(images: readonly string[], warnings: string[]): Promise<object[]> {
  if (!images.length) throw invalid('images', 'at least one picture of the product', images.length);
  const parts: object[] = [];
  let bytes = 0;
  for (const image of images) {
    const data = await readFile(image);
    bytes += data.length;
    if (bytes > MAX_BYTES && parts.length) {
      warnings.push(
        `Only ${parts.length} of ${images.length} pictures were sent to Gemini: a request may have 20 MB.`,
      );
      break;
    }
    parts.push({ inlineData: { mimeType: 'image/jpeg', data: data.toString('base64') } });
  }
  return parts;
}
