import { type BoundingBox, type RgbImage, mapLimit, throwIfAborted } from '../../contracts';
import type { MatteNetwork } from '../../models';
import type { ClipFrames } from '../types';
import { type Colours, blend, likeness } from './appearance';
import type { Start } from './locate';
import { areaOf } from './pieces';
import { type Sighting, sight } from './sighting';
import { moveMatte, wholeOf, windowAround } from './window';

/** Likeness below which what is seen is not the object any more. */
const ALIKE = 0.7;
/** How much larger or smaller an object may be from one frame to the next. */
const JUMP = 2;
/** How fast the known colours follow what is seen. */
const LEARNS = 0.05;

/**
 * Follows an object from the frame where it was found to both ends of the clip.
 * @param onFrame told of each frame that is done
 * @returns for each frame what was seen of the object; nothing where it is not in it
 * @throws VitrineError CANCELLED
 */
export async function follow(
  network: MatteNetwork,
  clip: ClipFrames,
  start: Start,
  signal: AbortSignal,
  onFrame: () => void,
): Promise<(Sighting | undefined)[]> {
  const sightings = new Array<Sighting | undefined>(clip.count);
  sightings[start.frame] = start.sighting;
  onFrame();
  // Both ways at once: while the network looks at a frame, the pixels of another are worked on.
  await mapLimit([1, -1], 2, signal, async (step, _, either) => {
    let path: Path = { known: start.sighting.colours, last: start.sighting, speed: [0, 0] };
    for await (const { frame, image } of framesFrom(clip, start.frame + step, step)) {
      throwIfAborted(either);
      const sighting = (await expected(network, image, path)) ?? (await anywhere(network, image, path));
      sightings[frame] = sighting;
      path = advance(path, sighting);
      onFrame();
    }
  });
  return sightings;
}

/** A clip's frames from one on, each read while the one before it is looked at. */
async function* framesFrom(
  clip: ClipFrames,
  first: number,
  step: number,
): AsyncGenerator<{ frame: number; image: RgbImage }> {
  const read = (frame: number) => {
    const image = frame >= 0 && frame < clip.count ? clip.read(frame) : undefined;
    // What goes wrong is thrown where it is waited for.
    image?.catch(() => undefined);
    return image;
  };
  let coming = read(first);
  for (let frame = first; coming; frame += step) {
    const image = await coming;
    coming = read(frame + step);
    yield { frame, image };
  }
}

/** What is known of an object on its way through the frames. */
interface Path {
  known: Colours;
  last: Sighting;
  /** Pixels across and down from one frame to the next. */
  speed: [number, number];
}

/** The object near where it has to be, if it is there. */
async function expected(
  network: MatteNetwork,
  image: RgbImage,
  { known, last, speed }: Path,
): Promise<Sighting | undefined> {
  const box = moved(last.box, speed);
  if (!isInside(box, image)) return undefined;
  const window = windowAround(box, image);
  const prior = moveMatte(last.alpha, moved(last.window, speed), window, last.alpha);
  const sighting = await sight(network, image, window, prior, known);
  if (!sighting) return undefined;
  const growth = size(sighting) / size(last);
  const isTheObject = growth < JUMP && growth > 1 / JUMP && isAlike(known, sighting);
  return isTheObject ? sighting : undefined;
}

/** The object in the whole frame, where what is seen there looks like it. */
async function anywhere(
  network: MatteNetwork,
  image: RgbImage,
  { known }: Path,
): Promise<Sighting | undefined> {
  const far = await sight(network, image, wholeOf(image));
  const near = far && (await sight(network, image, windowAround(far.box, image)));
  return near && isAlike(known, near) ? near : undefined;
}

function advance({ known, last }: Path, sighting: Sighting | undefined): Path {
  if (!sighting) return { known, last, speed: [0, 0] };
  const [from, to] = [centre(last.box), centre(sighting.box)];
  return {
    known: {
      object: blend(known.object, sighting.colours.object, LEARNS),
      ground: blend(known.ground, sighting.colours.ground, LEARNS),
    },
    last: sighting,
    speed: [to[0] - from[0], to[1] - from[1]],
  };
}

function isAlike(known: Colours, { colours }: Sighting): boolean {
  return likeness(known.object, colours.object) >= ALIKE;
}

/** Pixels of the frame that the object covers. */
function size({ alpha, window }: Sighting): number {
  return areaOf(alpha) * window[2] * window[3];
}

function centre([x, y, width, height]: BoundingBox): [number, number] {
  return [x + width / 2, y + height / 2];
}

function moved([x, y, width, height]: BoundingBox, [across, down]: [number, number]): BoundingBox {
  return [x + across, y + down, width, height];
}

function isInside([x, y, width, height]: BoundingBox, frame: RgbImage): boolean {
  const [across, down] = centre([x, y, width, height]);
  return across > 0 && down > 0 && across < frame.width && down < frame.height;
}
