import { readFile } from 'node:fs/promises';
import type { ImageLimits } from '../contracts';
import { decodeSharp } from './decode-sharp';
import { failure } from './problems';
import { TiffStructure } from './tiff-directory';
import type { DecodedImage } from './types';

const PHOTOMETRIC = 262;
/** CIE Lab, ICC Lab and ITU Lab (TIFF 6.0 and its Photoshop supplement). */
const LAB = [8, 9, 10];

/**
 * Decodes a TIFF; what is Lab and beyond libvips is named, since nothing is wrong with the file.
 * @throws VitrineError TOO_LARGE, UNSUPPORTED_FORMAT, INVALID_IMAGE, DEADLINE_EXCEEDED
 */
export async function decodeTiff(file: string, limits: ImageLimits): Promise<DecodedImage> {
  try {
    return await decodeSharp(file, 'tiff', limits);
  } catch (error) {
    if (!isBeyondLibvips(error) || !isLab(await readFile(file))) throw error;
    throw failure(
      'UNSUPPORTED_FORMAT',
      'The TIFF picture is in Lab colours of a kind that is not known here',
      'Export it in RGB.',
      error,
    );
  }
}

/** libvips' words where the samples are fine, but of a kind that it cannot convert. */
function isBeyondLibvips(error: unknown): boolean {
  return /bad labq format|no known route/.test((error as Error).message);
}

function isLab(bytes: Buffer): boolean {
  const structure = TiffStructure.open(bytes);
  const directory = structure?.first();
  return directory !== undefined && LAB.includes(structure!.number(directory, PHOTOMETRIC) ?? -1);
}
