/**
 * The wire format of Protocol Buffers, as far as editing a message needs it: fields are kept as they came, known or
 * not, so nothing is lost that this code has never heard of.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** A field as it stands in the message. */
export interface Field {
  number: number;
  /** 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
  wire: number;
  /** Of wire 2: its bytes, a view into the message. */
  bytes: Buffer;
  /** Of wire 0; values over 2^53 lose digits. */
  value: number;
  /** Tag, length and content together, a view into the message. */
  whole: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** @throws RangeError when the message is cut off or uses groups */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('A number is cut off');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    let bytes: Buffer = NOTHING;
    let value = 0;
    if (wire === 0) value = varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      bytes = message.subarray(at, at + length);
      at += length;
    } else throw new RangeError(`Wire type ${wire} is not known`);
    if (at > message.length) throw new RangeError('A field is cut off');
    yield { number, wire, bytes, value, whole: message.subarray(start, at) };
  }
}

function varintBytes(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

export function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varintBytes(number * 8), varintBytes(value)]);
}

/** Tag and length of a field whose `length` bytes follow. */
export function bytesHeader(number: number, length: number): Buffer {
  return Buffer.concat([varintBytes(number * 8 + 2), varintBytes(length)]);
}

export function bytesField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([bytesHeader(number, bytes.length), bytes]);
}

/** The numbers of a packed field of varints. */
export function packedVarints(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      numbers.push(value);
      value = 0;
      scale = 1;
    }
  }
  return numbers;
}
