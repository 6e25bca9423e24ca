import sharp from 'sharp';

/**
 * Sets sharp up for a worker process: no cache (memory must fall back between photos), a fixed number of threads.
 * Call it once, before the first picture.
 * @param threads for one operation, 1..; 0 means one per core
 */
export function configureSharp(threads: number): void {
  sharp.cache(false);
  sharp.concurrency(threads);
}
