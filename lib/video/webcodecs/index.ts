import { noDecoder } from '../problems';
import type { OpenedVideo, Source } from '../types';
export async function openWithWebCodecs(_source: Source): Promise<OpenedVideo> {
  throw noDecoder();
}
