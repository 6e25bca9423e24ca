import {
  ALL_FORMATS,
  type EncodedPacket,
  EncodedPacketSink,
  FilePathSource,
  Input,
  type InputVideoTrack,
} from 'mediabunny';
import { broken, unsupported } from '../problems';

/**
 * Opens the first video of a file. It stays open until the process ends.
 * @throws VitrineError INVALID_VIDEO, UNSUPPORTED_FORMAT
 */
export async function openTrack(file: string): Promise<InputVideoTrack> {
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  if (!(await input.canRead()))
    throw unsupported('The container of the video is not one of MP4, MOV, MKV and WebM');
  const track = await input.getPrimaryVideoTrack();
  if (!track)
    throw broken(
      'The file has no video in it, only sound or pictures',
      'Send the file that has the video. Some older codecs are seen by ffmpeg only: install it if this may be one.',
    );
  return track;
}

/** What a decoder is configured with, its description as bytes. */
export async function decoderConfig(track: InputVideoTrack) {
  const config = await track.getDecoderConfig();
  if (!config) return undefined;
  const { codec, codedWidth, codedHeight, description } = config;
  return {
    ...{ codec, codedWidth, codedHeight },
    ...(description && { description: bytesOf(description) }),
    // In the thread of JavaScript: the other way crashes on errors.
    useWorkerThread: false,
  };
}

function bytesOf(source: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}

/** The packets in the order of decoding, as far as their bytes are there. */
export async function* readablePackets(track: InputVideoTrack): AsyncGenerator<EncodedPacket> {
  const packets = new EncodedPacketSink(track).packets();
  for (;;) {
    // It asserts what a damaged container does not keep; what came before is good.
    const next = await packets.next().catch(() => ({ done: true as const, value: undefined }));
    if (next.done) return;
    yield next.value;
  }
}

/** Packets that the container lists, whether their bytes are there or not. */
export async function countListed(track: InputVideoTrack): Promise<number> {
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true });
  let count = 0;
  while (!(await packets.next()).done) count++;
  return count;
}

/** False for frames of VP8 that others refer to only (RFC 6386, 9.1). */
export function isDisplayed({ data }: EncodedPacket, codec: string): boolean {
  return codec !== 'vp8' || data.length === 0 || (data[0] & 0x10) !== 0;
}

/** Seconds by which times are rounded. */
const ROUNDING = 1e-4;

/** True for what is decoded before the presentation starts, by an edit list. */
export function isPreRoll({ timestamp }: EncodedPacket): boolean {
  return timestamp < -ROUNDING;
}
