import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Alpha,
  type Border,
  type CutoutDone,
  type JobContext,
  type Outline,
  type Tasks,
  parse,
  removeParams,
} from '../../contracts';
import { boundingBox, decodeImage, encodeImage, fitSide, resizeCutout } from '../../image';
import { cutProduct } from '../product';
import type { Resources } from '../resources';
import { Stopwatch } from '../stopwatch';
import { IN_MASK } from './make';
import { used } from './reader';
import { runLengths } from './run-lengths';

interface Size {
  width: number;
  height: number;
}

/**
 * Cuts a source out and writes it to `to`: with clean edge colours, or with its own transparency where it has that. Its
 * border is taken away first, so that no network sees it.
 * @throws VitrineError what decoding and the cutter can say; NO_SUBJECT where nothing was found
 */
export async function cutSource(
  resources: Resources,
  { file, border, params, to, size }: Tasks['cutout']['input'],
  context: JobContext,
): Promise<CutoutDone> {
  const { limits } = resources.config;
  const { signal, tempDir } = context;
  const part = border && join(tempDir, `${randomUUID()}.png`);
  try {
    let whole: Size | undefined;
    if (part) {
      const { rgb } = await decodeImage(file, { limits, signal });
      whole = rgb;
      await encodeImage(part, used(rgb, border), { format: 'png', timeoutSeconds: limits.timeoutSeconds });
    }
    return await resources.budget.use(signal, async (measured) => {
      const asked = parse(removeParams, { ...params, enhance_fg: false });
      const product = await cutProduct(resources, part ?? file, asked, {
        ...context,
        watch: new Stopwatch(),
        measured: ({ width, height }) => measured(width * height),
      });
      const { color, alpha, bbox, coverage, model, device, confidence, unsure, warnings } = product;
      const scale = size === undefined ? 1 : Math.min(1, size / Math.max(bbox[2], bbox[3]));
      const { width, height } = fitSide(color, scale * Math.max(color.width, color.height));
      const layers = scale < 1 ? await resizeCutout(color, alpha, width, height) : { image: color, alpha };
      await encodeImage(to, layers.image, {
        ...{ alpha: layers.alpha, format: 'png', timeoutSeconds: limits.timeoutSeconds },
      });
      return {
        ...{ model, device, unsure, bbox, warnings },
        confidence: Math.round(confidence * 1000) / 1000,
        coverage: Math.round(coverage * 10_000) / 10_000,
        outline: outlineOf(border && whole ? withBorder(alpha, border, whole) : alpha),
      };
    });
  } finally {
    if (part) await rm(part, { force: true });
  }
}

/** A matte of the whole picture, out of that of its used part. */
function withBorder({ data, width, height }: Alpha, { keep }: Border, whole: Size): Alpha {
  const [left, top] = keep;
  const all = new Uint8Array(whole.width * whole.height);
  for (let y = 0; y < height; y++)
    all.set(data.subarray(y * width, (y + 1) * width), (top + y) * whole.width + left);
  return { data: all, width: whole.width, height: whole.height };
}

function outlineOf(alpha: Alpha): Outline | null {
  const box = boundingBox(alpha, IN_MASK - 1);
  return box ? { box, rle: runLengths(alpha, box, IN_MASK) } : null;
}
