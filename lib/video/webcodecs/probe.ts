import type { InputVideoTrack } from 'mediabunny';
import { VideoDecoder } from 'node-webcodecs';
import { broken, unsupported } from '../problems';
import { squareSize } from '../size';
import type { VideoInfo } from '../types';
import { isPartlyFragmented } from './fragments';
import { sampleForm } from './layout';
import type { Found } from './protocol';
import { countListed, decoderConfig, isDisplayed, isPreRoll, openTrack, readablePackets } from './track';

/**
 * What a file says, its packets read through once.
 * @throws VitrineError INVALID_VIDEO, UNSUPPORTED_FORMAT
 */
export async function probe(file: string): Promise<Found> {
  const track = await openTrack(file);
  const codec = (await track.getCodec()) ?? 'of an unknown codec';
  const config = await decoderConfig(track);
  const { supported } = config ? await VideoDecoder.isConfigSupported(config) : { supported: false };
  if (!config || !supported)
    throw unsupported(`The decoder that comes along cannot decode this video (${codec})`);
  const listed = await countListed(track);
  const shown: { time: number; duration: number }[] = [];
  let first: Uint8Array | undefined;
  let hidden = 0;
  for await (const packet of readablePackets(track)) {
    first ??= packet.data;
    if (!isDisplayed(packet, codec) || isPreRoll(packet)) hidden++;
    else shown.push({ time: packet.timestamp, duration: packet.duration });
  }
  if (!first || !shown.length) throw broken(`None of the video's ${listed} frames could be read`);
  shown.sort((a, b) => a.time - b.time);
  const times = shown.map(({ time }) => time);
  const durationSeconds = times[times.length - 1] - times[0] + shown[shown.length - 1].duration;
  const form = sampleForm(config.codec, config.description, first);
  return {
    info: {
      ...(await frameOf(track)),
      durationSeconds,
      frameRate: durationSeconds > 0 ? times.length / durationSeconds : undefined,
      frameCount: times.length,
      codec,
      interlaced: form?.mayInterlace ?? false,
    },
    times,
    announced: listed - hidden,
    notes: (await isPartlyFragmented(file)) ? [fragmented(times.length)] : [],
  };
}

function fragmented(frames: number): string {
  const read = `Only the first ${frames} frames of this video could be read: the others lie in fragments of the file`;
  return `${read}, which the decoder that comes along does not see. Install ffmpeg, or convert the video to MP4 with H.264`;
}

async function frameOf(track: InputVideoTrack) {
  const rotation: VideoInfo['rotation'] = await track.getRotation();
  const { num, den } = await track.getPixelAspectRatio();
  const { width, height } = squareSize(await track.getCodedWidth(), await track.getCodedHeight(), num / den);
  const isSideways = rotation % 180 !== 0;
  return {
    width: isSideways ? height : width,
    height: isSideways ? width : height,
    rotation,
    hdr: await track.hasHighDynamicRange(),
    hasAlpha: await track.canBeTransparent(),
  };
}
