/** Writes HEIF files for tests: just enough of ISO/EC 23008-12 around given HEVC pictures. */

const u8 = (...values: number[]) => Buffer.from(values);
const u16 = (value: number) => u8(value >> 8, value & 255);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
};
export const heifBox = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body]);
};
export const heifFullBox = (type: string, version: number, flags: number, ...content: Buffer[]) =>
  heifBox(type, u8(version, 0, 0, flags), ...content);

/** NAL units of a byte stream with start codes. */
function split(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = stream.indexOf('000001', 0, 'hex'); at >= 0; at = stream.indexOf('000001', at + 3, 'hex'))
    starts.push(at);
  return starts.map((start, at) => {
    let end = starts[at + 1] ?? stream.length;
    while (at + 1 < starts.length && stream[end - 1] === 0) end--;
    return stream.subarray(start + 3, end);
  });
}

const isParameterSet = (unit: Buffer) => [32, 33, 34].includes((unit[0] >> 1) & 63);

function decoderSettings(units: Buffer[]): Buffer {
  const head = Buffer.alloc(22);
  head[0] = 1;
  head[21] = 3; // four bytes of length before each unit
  const arrays = units.map((unit) =>
    Buffer.concat([u8((unit[0] >> 1) & 63), u16(1), u16(unit.length), unit]),
  );
  return Buffer.concat([head, u8(units.length), ...arrays]);
}

export interface HeifParts {
  /** One HEVC byte stream with one picture per tile, row by row. */
  tiles: Buffer[];
  tileWidth: number;
  tileHeight: number;
  /** Set for a grid. */
  grid?: { columns: number; rows: number; width: number; height: number };
  alpha?: Buffer;
  /** Quarters of a turn, counterclockwise. */
  irot?: number;
  /** 0 top to bottom, 1 left to right. */
  imir?: number;
  /** Width, height, and centre offsets, each in whole pixels. */
  clap?: [number, number, number, number];
  codec?: string;
}

/** Item 1 is the primary picture, 2.. are tiles, 90 is alpha. */
export function heifFile(parts: HeifParts): Buffer {
  const { tiles, tileWidth, tileHeight, grid, codec = 'hvc1' } = parts;
  const properties: Buffer[] = [];
  const add = (property: Buffer) => properties.push(property);
  const ispe = (width: number, height: number) => heifFullBox('ispe', 0, 0, u32(width), u32(height));
  const items: Array<{ id: number; type: string; data: Buffer; properties: number[] }> = [];
  const coded = (id: number, stream: Buffer, extra: number[] = []) => {
    const units = split(stream);
    const settings = add(heifBox('hvcC', decoderSettings(units.filter(isParameterSet))));
    const data = Buffer.concat(
      units.filter((unit) => !isParameterSet(unit)).flatMap((unit) => [u32(unit.length), unit]),
    );
    items.push({ id, type: codec, data, properties: [settings, add(ispe(tileWidth, tileHeight)), ...extra] });
  };
  const shape: number[] = [];
  if (parts.clap) {
    const [width, height, x, y] = parts.clap;
    shape.push(add(heifBox('clap', ...[width, 1, height, 1, x, 1, y, 1].map(u32))));
  }
  if (parts.irot !== undefined) shape.push(add(heifBox('irot', u8(parts.irot))));
  if (parts.imir !== undefined) shape.push(add(heifBox('imir', u8(parts.imir))));
  const references: Buffer[] = [];
  if (grid) {
    const data = Buffer.concat([
      u8(0, 0, grid.rows - 1, grid.columns - 1),
      u16(grid.width),
      u16(grid.height),
    ]);
    items.push({ id: 1, type: 'grid', data, properties: [add(ispe(grid.width, grid.height)), ...shape] });
    tiles.forEach((stream, at) => coded(at + 2, stream));
    references.push(heifBox('dimg', u16(1), u16(tiles.length), ...tiles.map((_, at) => u16(at + 2))));
  } else coded(1, tiles[0], shape);
  if (parts.alpha) {
    coded(90, parts.alpha, [
      add(heifFullBox('auxC', 0, 0, Buffer.from('urn:mpeg:hevc:2015:auxid:1\0', 'latin1'))),
    ]);
    references.push(heifBox('auxl', u16(90), u16(1), u16(1)));
  }
  const ftyp = heifBox('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'));
  const meta = (start: number) => {
    let at = start;
    const extents = items.map(({ id, data }) => {
      const extent = Buffer.concat([u16(id), u16(0), u16(1), u32(at), u32(data.length)]);
      at += data.length;
      return extent;
    });
    const infe = items.map(({ id, type }) =>
      heifFullBox('infe', 2, 0, u16(id), u16(0), Buffer.from(`${type}\0`, 'latin1')),
    );
    const ipma = items.map((item) =>
      Buffer.concat([u16(item.id), u8(item.properties.length, ...item.properties)]),
    );
    return heifFullBox(
      'meta',
      0,
      0,
      heifFullBox('hdlr', 0, 0, u32(0), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
      heifFullBox('pitm', 0, 0, u16(1)),
      heifFullBox('iinf', 0, 0, u16(items.length), ...infe),
      heifFullBox('iloc', 0, 0, u8(0x44, 0), u16(items.length), ...extents),
      heifBox('iprp', heifBox('ipco', ...properties), heifFullBox('ipma', 0, 0, u32(items.length), ...ipma)),
      heifFullBox('iref', 0, 0, ...references),
    );
  };
  const start = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(start), heifBox('mdat', ...items.map(({ data }) => data))]);
}
