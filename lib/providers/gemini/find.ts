import { readFile } from 'node:fs/promises';
import type { BoundingBox } from '../../contracts';
import { parseJson } from '../answer';
import { failed } from '../errors';
import { callService } from '../http';
import { noText, readText } from './answer';
import { type GeminiAccess, contentRequest } from './ask';
import { explain, geminiAt } from './errors';

/** Gemini tells places in thousandths of a picture's sides. */
const THOUSAND = 1000;
const MAX_OUTPUT_TOKENS = 2048;

/** Structured output: the place of one thing, or null. */
const SCHEMA = {
  type: 'object',
  properties: {
    label: { type: 'string' },
    box_2d: { type: ['array', 'null'], items: { type: 'integer' } },
  },
  required: ['label', 'box_2d'],
  propertyOrdering: ['label', 'box_2d'],
};

/**
 * Has Gemini find what a text names in a picture.
 * @param model one that sees pictures
 * @param still a JPEG file, and its pixels
 * @returns pixels of the picture; nothing where it sees none
 * @throws VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED; what the signal was aborted
 *   with. No message holds the key.
 */
export async function findInPicture(
  access: GeminiAccess,
  model: string,
  still: { file: string; width: number; height: number },
  text: string,
): Promise<BoundingBox | undefined> {
  const service = geminiAt(access.url);
  const data = (await readFile(still.file)).toString('base64');
  const parts = [
    {
      text:
        `Find this object in the picture: ${JSON.stringify(text)}. Answer with its bounding box box_2d as ` +
        '[ymin, xmin, ymax, xmax] in thousandths of the height and the width, or null if the picture does not show it. ' +
        'Of several take the one that is shown most prominently.',
    },
    { inlineData: { mimeType: 'image/jpeg', data } },
  ];
  const config = {
    responseMimeType: 'application/json',
    responseJsonSchema: SCHEMA,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
  const { body } = await callService(contentRequest(access, model, parts, config), (failure) =>
    explain(failure, service, model),
  );
  const { text: words, ended } = readText(body, service);
  if (ended !== 'STOP' && !(ended === '' && words)) throw noText(ended, model);
  const answer = parseJson(words) as { box_2d?: unknown } | undefined;
  if (answer?.box_2d === null) return undefined;
  const box = answer && boxOf(answer.box_2d, still);
  if (!box) throw failed(`Gemini (${model}) told no place that can be read`, service.hints.failed);
  return box;
}

function boxOf(
  value: unknown,
  { width, height }: { width: number; height: number },
): BoundingBox | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [top, left, bottom, right] = value.map((each) => Math.max(0, Math.min(THOUSAND, Number(each))));
  if (!(bottom > top && right > left)) return undefined;
  const [across, down] = [width / THOUSAND, height / THOUSAND];
  return [left * across, top * down, (right - left) * across, (bottom - top) * down];
}
