import type { BoundingBox } from '../contracts';
import { boxes, findBox, Reader, type Box } from './boxes';
import type { CodedItem, HeifPicture, HeifPlane } from './heif-picture';

interface Item {
  type: string;
  contentType: string;
  properties: Box[];
}

interface Location {
  inIdat: boolean;
  extents: Array<{ offset: number; length: number }>;
}

/**
 * Reads the structure of a HEIF file (ISO/IEC 23008-12) down to the coded bytes; decodes nothing.
 * @throws RangeError or HeifError when the file is broken or uses what is not supported
 */
export function parseHeif(file: Buffer): HeifPicture {
  return new HeifFile(file).picture();
}

/** The file is HEIF, but not one that can be read; the message says why. */
export class HeifError extends Error {}

class HeifFile {
  private readonly items = new Map<number, Item>();
  private readonly locations = new Map<number, Location>();
  private readonly references: Array<{ type: string; from: number; to: number[] }> = [];
  private readonly idat?: Box;
  private readonly primary: number;
  private copied = 0;

  constructor(private readonly file: Buffer) {
    const meta = findBox(file, 0, file.length, 'meta');
    if (!meta) throw new HeifError('it has no list of pictures');
    const inside = (type: string) => findBox(file, meta.start + 4, meta.end, type);
    const [pitm, iinf, iloc, iprp, iref] = ['pitm', 'iinf', 'iloc', 'iprp', 'iref'].map(inside);
    if (!pitm || !iinf || !iloc || !iprp) throw new HeifError('its list of pictures is incomplete');
    this.idat = inside('idat');
    const reader = this.read(pitm);
    this.primary = reader.number(reader.full().version === 0 ? 2 : 4);
    this.readItems(iinf);
    this.readLocations(iloc);
    this.readProperties(iprp);
    if (iref) this.readReferences(iref);
  }

  picture(): HeifPicture {
    const item = this.item(this.primary);
    const picture: HeifPicture = { ...this.plane(this.primary), transforms: [] };
    for (const box of this.chain(this.primary)) this.readProperty(box, picture);
    if (item.type === 'grid' && !picture.icc && !picture.nclx) {
      const [first] = this.targets('dimg', this.primary);
      for (const box of this.item(first).properties) if (box.type === 'colr') this.readProperty(box, picture);
    }
    for (const { type, from, to } of this.references) {
      if (!to.includes(this.primary)) continue;
      if (type === 'auxl' && this.isAlpha(from)) picture.alpha = this.plane(from);
      if (type === 'cdsc') this.readMetadata(from, picture);
    }
    return picture;
  }

  /** Properties of an item and, for an identity item, of the one it stands for first. */
  private chain(id: number): Box[] {
    const item = this.item(id);
    const inner = item.type === 'iden' ? this.chain(this.targets('dimg', id)[0]) : [];
    return [...inner, ...item.properties];
  }

  private plane(id: number, depth = 0): HeifPlane {
    const item = this.item(id);
    if (item.type === 'iden' && depth < 4) return this.plane(this.targets('dimg', id)[0], depth + 1);
    if (item.type === 'grid') return this.grid(id);
    const { width, height } = this.size(id);
    return {
      width,
      height,
      tileWidth: width,
      tileHeight: height,
      columns: 1,
      rows: 1,
      tiles: [this.coded(id)],
    };
  }

  private grid(id: number): HeifPlane {
    const reader = new Reader(this.data(id), 1);
    const bytes = reader.number(1) & 1 ? 4 : 2;
    const rows = reader.number(1) + 1;
    const columns = reader.number(1) + 1;
    const width = reader.number(bytes);
    const height = reader.number(bytes);
    const ids = this.targets('dimg', id);
    if (ids.length !== rows * columns)
      throw new HeifError(`it holds ${ids.length} of its ${rows * columns} tiles`);
    const { width: tileWidth, height: tileHeight } = this.size(ids[0]);
    if (tileWidth * columns < width || tileHeight * rows < height)
      throw new HeifError('its tiles do not cover the picture');
    return {
      width,
      height,
      tileWidth,
      tileHeight,
      columns,
      rows,
      tiles: ids.map((tile) => this.coded(tile)),
    };
  }

  private coded(id: number): CodedItem {
    const item = this.item(id);
    const config = item.properties.find(({ type }) => type === 'hvcC');
    return {
      type: item.type,
      config: config && this.file.subarray(config.start, config.end),
      data: this.data(id),
    };
  }

  private size(id: number): { width: number; height: number } {
    const box = this.item(id).properties.find(({ type }) => type === 'ispe');
    if (!box) throw new HeifError('it does not say how large it is');
    const reader = this.read(box);
    reader.full();
    const width = reader.number(4);
    const height = reader.number(4);
    if (width < 1 || height < 1) throw new HeifError('it says that it is empty');
    return { width, height };
  }

  private isAlpha(id: number): boolean {
    const box = this.item(id).properties.find(({ type }) => type === 'auxC');
    if (!box) return false;
    const [kind] = this.file.toString('latin1', box.start + 4, box.end).split('\0');
    return /auxid:1$|auxiliary:alpha$/.test(kind);
  }

  private readMetadata(id: number, picture: HeifPicture): void {
    const item = this.item(id);
    if (item.type === 'Exif') {
      const data = this.data(id);
      if (data.length > 4) picture.exif = data.subarray(4 + data.readUInt32BE(0));
    } else if (item.type === 'mime' && item.contentType === 'application/rdf+xml')
      picture.xmp = this.data(id);
  }

  private readProperty({ type, start, end }: Box, picture: HeifPicture): void {
    const reader = new Reader(this.file, start, end);
    if (type === 'irot')
      picture.transforms.push({ rotate: ((reader.number(1) & 3) * 90) as 0 | 90 | 180 | 270 });
    if (type === 'imir')
      picture.transforms.push({ mirror: reader.number(1) & 1 ? 'leftRight' : 'topBottom' });
    if (type === 'clap') picture.crop = readAperture(reader, picture);
    if (type !== 'colr') return;
    const kind = reader.text(4);
    if (kind === 'nclx') {
      const primaries = reader.number(2);
      reader.number(2);
      picture.nclx = { primaries, matrix: reader.number(2), fullRange: reader.number(1) >= 128 };
    } else if (reader.left > 128) picture.icc = reader.take(reader.left);
  }

  private data(id: number): Buffer {
    const location = this.locations.get(id);
    if (!location) throw new HeifError(`part ${id} of it is missing`);
    this.copied += location.extents.reduce((sum, { length }) => sum + length, 0);
    if (this.copied > 2 * this.file.length) throw new HeifError('its parts overlap');
    const [start, end] = location.inIdat
      ? [this.idat?.start ?? 0, this.idat?.end ?? 0]
      : [0, this.file.length];
    return Buffer.concat(
      location.extents.map(({ offset, length }) =>
        new Reader(this.file, start + offset, end).take(length || end - start - offset),
      ),
    );
  }

  private readItems(box: Box): void {
    const reader = this.read(box);
    reader.number(reader.full().version === 0 ? 2 : 4);
    for (const entry of boxes(this.file, reader.at, box.end)) {
      if (entry.type !== 'infe') continue;
      const info = this.read(entry);
      const { version } = info.full();
      if (version < 2) continue;
      const id = info.number(version === 2 ? 2 : 4);
      info.number(2);
      const type = info.text(4);
      const [, contentType = ''] = info.text(info.left).split('\0');
      this.items.set(id, { type, contentType, properties: [] });
    }
  }

  private readLocations(box: Box): void {
    const reader = this.read(box);
    const { version } = reader.full();
    const sizes = reader.number(2);
    const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
    const indexSize = version === 0 ? 0 : sizes & 15;
    const wide = version === 2 ? 4 : 2;
    for (let count = reader.number(wide); count > 0; count--) {
      const id = reader.number(wide);
      const method = version === 0 ? 0 : reader.number(2) & 15;
      reader.number(2);
      const base = reader.number(baseSize);
      const extents: Location['extents'] = [];
      for (let left = reader.number(2); left > 0; left--) {
        reader.number(indexSize);
        extents.push({ offset: base + reader.number(offsetSize), length: reader.number(lengthSize) });
      }
      this.locations.set(id, { inIdat: method === 1, extents });
    }
  }

  private readProperties(box: Box): void {
    const ipco = findBox(this.file, box.start, box.end, 'ipco');
    if (!ipco) throw new HeifError('it does not describe its pictures');
    const properties = [...boxes(this.file, ipco.start, ipco.end)];
    for (const ipma of boxes(this.file, box.start, box.end)) {
      if (ipma.type !== 'ipma') continue;
      const reader = this.read(ipma);
      const { version, flags } = reader.full();
      for (let count = reader.number(4); count > 0; count--) {
        const item = this.items.get(reader.number(version < 1 ? 2 : 4));
        for (let left = reader.number(1); left > 0; left--) {
          const index = flags & 1 ? reader.number(2) & 0x7fff : reader.number(1) & 0x7f;
          if (index > 0 && index <= properties.length) item?.properties.push(properties[index - 1]);
        }
      }
    }
  }

  private readReferences(box: Box): void {
    const reader = this.read(box);
    const wide = reader.full().version === 0 ? 2 : 4;
    for (const entry of boxes(this.file, reader.at, box.end)) {
      const list = this.read(entry);
      const from = list.number(wide);
      const to = Array.from({ length: list.number(2) }, () => list.number(wide));
      this.references.push({ type: entry.type, from, to });
    }
  }

  private targets(type: string, from: number): number[] {
    const to = this.references.find((reference) => reference.type === type && reference.from === from)?.to;
    if (!to?.length) throw new HeifError('a part of it points nowhere');
    return to;
  }

  private item(id: number): Item {
    const item = this.items.get(id);
    if (!item) throw new HeifError(`part ${id} of it is missing`);
    return item;
  }

  private read(box: Box): Reader {
    return new Reader(this.file, box.start, box.end);
  }
}

/** Clean aperture: size and the offset of its centre from the picture's, as fractions (ISO/IEC 14496-12, 12.1.4). */
function readAperture(reader: Reader, { width, height }: HeifPlane): BoundingBox | undefined {
  const signed = (value: number) => value | 0;
  const fraction = () => signed(reader.number(4)) / signed(reader.number(4));
  const [across, down] = [fraction(), fraction()].map(Math.round);
  const left = Math.round((width - across) / 2 + fraction());
  const top = Math.round((height - down) / 2 + fraction());
  const inside =
    across >= 1 && down >= 1 && left >= 0 && top >= 0 && left + across <= width && top + down <= height;
  return inside ? [left, top, across, down] : undefined;
}
