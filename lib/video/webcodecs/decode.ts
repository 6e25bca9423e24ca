import type { EncodedPacket, InputVideoTrack } from 'mediabunny';
import type { VideoFrame } from 'node-webcodecs';
import type { Alpha, RgbImage } from '../../contracts';
import type { PlanarImage } from '../planes';
import { unsupported } from '../problems';
import { WantedFrames } from '../select';
import { Converter } from './convert';
import { sampleForm } from './layout';
import type { Task } from './protocol';
import { type Picture, StreamDecoder } from './stream-decoder';
import { decoderConfig, isDisplayed, isPreRoll, openTrack, readablePackets } from './track';

export interface UprightFrame {
  index: number;
  /** Planes are valid until the next frame is asked for. */
  image: RgbImage | PlanarImage;
  alpha?: Alpha;
}

/**
 * Decodes the wanted frames, one after the other; those that cannot be decoded are left out.
 * @throws VitrineError INVALID_VIDEO, UNSUPPORTED_FORMAT
 */
export async function* decode(task: Task & { kind: 'decode' }): AsyncGenerator<UprightFrame> {
  const track = await openTrack(task.file);
  const config = await decoderConfig(track);
  if (!config) throw unsupported('The decoder that comes along does not know the codec of the video');
  const codec = (await track.getCodec()) ?? '';
  const colors = new StreamDecoder(config);
  const mattes = (await track.canBeTransparent()) ? new Mattes(new StreamDecoder(config)) : undefined;
  const wanted = new WantedFrames(task.times, task.indices);
  const held: Picture[] = [];
  const beforeStart = new Set<number>();
  let converter: Converter | undefined;

  /** The wanted ones of the pictures whose mattes are there; the others are let go. */
  async function* take(): AsyncGenerator<UprightFrame> {
    while (held.length && !mattes?.owes(held[0].time)) {
      const { time, frame } = held.shift()!;
      const index = beforeStart.has(time) ? undefined : wanted.indexAt(time);
      if (index !== undefined) yield { index, ...(await converter!.picture(frame, mattes?.at(time))) };
      frame.close();
    }
  }

  for await (const packet of readablePackets(track)) {
    converter ??= await converterOf(track, packet, task.size);
    const { data, type, timestamp, sideData } = packet;
    const time = isDisplayed(packet, codec) ? timestamp : undefined;
    if (time !== undefined && isPreRoll(packet)) beforeStart.add(time);
    mattes?.decode(sideData.alpha, type === 'key', time);
    held.push(...colors.decode(data, type === 'key', time));
    yield* take();
    if (wanted.isDone) return;
  }
  await mattes?.flush();
  held.push(...(await colors.flush()));
  yield* take();
}

/** @throws VitrineError UNSUPPORTED_FORMAT where nothing says what the decoded samples are */
async function converterOf(
  track: InputVideoTrack,
  { data }: EncodedPacket,
  size: { width: number; height: number },
): Promise<Converter> {
  const config = await decoderConfig(track);
  const form = config && sampleForm(config.codec, config.description, data);
  if (!form)
    throw unsupported(`The decoder that comes along does not know what frames of ${config?.codec} hold`);
  return Converter.of(track, form, size);
}

/** The transparency of a video: pictures of their own, beside those of the colours. */
class Mattes {
  private readonly pictures: Picture[] = [];
  private hasEnded = false;

  constructor(private readonly decoder: StreamDecoder) {}

  /** @param data undefined for a packet whose picture is opaque */
  decode(data: Uint8Array | undefined, isKey: boolean, time: number | undefined): void {
    if (data) this.pictures.push(...this.decoder.decode(data, isKey, time));
  }

  async flush(): Promise<void> {
    this.pictures.push(...(await this.decoder.flush()));
    this.hasEnded = true;
  }

  /** True while the one of a time may still come. */
  owes(time: number): boolean {
    return !this.hasEnded && this.decoder.owes(time);
  }

  /** The one of a time; undefined where the picture is opaque. It stays open until the next one is asked for. */
  at(time: number): VideoFrame | undefined {
    while (this.pictures.length && this.pictures[0].time < time) this.pictures.shift()!.frame.close();
    return this.pictures[0]?.time === time ? this.pictures[0].frame : undefined;
  }
}
