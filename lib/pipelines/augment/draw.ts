import type { PictureRecord, PictureRequest } from '../../contracts';
import { findPipeline, samplePipeline, seedOf } from '../../augmentation';
import { drawComposition } from './compose';
import { frameSize, isComposed } from './frame';
import type { Stock } from './types';

/**
 * Decides all about one picture. Each has random numbers of its own, so that it does not depend on what is made before.
 * @param attempt from 0; a higher one draws anew
 * @throws VitrineError INVALID_PARAMETER for a pipeline that there is not
 */
export function drawPicture(request: PictureRequest, stock: Stock, attempt = 0): PictureRecord {
  const { file, upc, target, index, seed, source, format, quality } = request;
  const pipeline = findPipeline(stock.pipelines, request.pipeline);
  const path = [seed, upc, target, index, pipeline.name, source.sha256, attempt] as const;
  const frame = frameSize(request);
  return {
    ...{ version: 1, file, upc, target, index, seed, attempt, source },
    composition: isComposed(request) ? drawComposition(request, stock, seedOf('compose', ...path)) : null,
    augmentation: samplePipeline(pipeline, seedOf('augment', ...path), frame),
    output: { format, quality },
  };
}
