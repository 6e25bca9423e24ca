import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The functions of kernels/*.ts, which say what they take; numbers are addresses in `memory` unless they say otherwise. */
interface Kernels {
  heapBase: { value: number };
  sumBytes(data: number, count: number): number;
  isHard(data: number, count: number): number;
  startRow(x: number, y: number, count: number, row: number): void;
  project(x: number, y: number, count: number, matrix: number): void;
  bend(x: number, y: number, count: number, ...lens: number[]): void;
  lookUp(x: number, count: number, list: number, length: number): void;
  shift(x: number, y: number, count: number, across: number, down: number, ...grid: number[]): void;
  toFixed(x: number, count: number, out: number): void;
  seenArea(x: number, y: number, nextX: number, nextY: number, alpha: number, ...size: number[]): number;
  sampleRow(source: number, width: number, height: number, x: number, y: number, ...rest: number[]): void;
  sampleAlphaRow(
    source: number,
    width: number,
    height: number,
    x: number,
    y: number,
    ...rest: number[]
  ): void;
  mapAll(data: number, pixels: number, table: number): void;
  mapEach(data: number, pixels: number, tables: number): void;
  sumLuma(data: number, pixels: number): number;
  saturate(data: number, pixels: number, factor: number, rest: number): void;
  shiftHsv(data: number, pixels: number, tables: number): void;
  fillRow(data: number, pixels: number, red: number, green: number, blue: number): void;
  addNoise(data: number, pixels: number, table: number, seed: number, shared: number): void;
  multiplyNoise(data: number, pixels: number, table: number, seed: number, shared: number): void;
  drawValues(data: number, pixels: number, table: number, seed: number): void;
  sensorNoise(data: number, pixels: number, turns: number, shares: number, seed: number): void;
  lightness(data: number, pixels: number, sums: number): void;
  pad(source: number, width: number, height: number, ...rest: number[]): void;
  convolve(padded: number, stride: number, bytes: number, height: number, ...rest: number[]): void;
  pickRow(source: number, list: number, pixels: number, out: number): void;
  median(padded: number, stride: number, bytes: number, height: number, radius: number, out: number): void;
  toLab(data: number, pixels: number, tables: number, l: number, a: number, b: number): void;
  fromLab(data: number, pixels: number, tables: number, l: number, a: number, b: number): void;
  equalize(plane: number, width: number, height: number, ...rest: number[]): void;
  extend(source: number, width: number, height: number, across: number, down: number, out: number): void;
  toPlanes(data: number, across: number, down: number, luma: number, blue: number, red: number): void;
  quantize(plane: number, across: number, down: number, steps: number, scratch: number): void;
  fromPlanes(data: number, width: number, height: number, across: number, ...rest: number[]): void;
}

const PAGE = 65_536;
/** Vectors may be read and written this many bytes past what was asked for. */
const SLACK = 32;

/**
 * The kernels and their memory, which is given out piece by piece and taken back from the end. There is one for the
 * process: whoever uses it does so without waiting for anything.
 */
export class Arena {
  readonly kernels: Kernels;
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private next: number;

  constructor() {
    const module = new WebAssembly.Module(readFileSync(join(__dirname, 'kernels.wasm')));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.kernels = exports as Kernels;
    this.next = this.kernels.heapBase.value;
  }

  /** Calls `use`, and takes all back that was taken in it. */
  scope<T>(use: () => T): T {
    const { next } = this;
    try {
      return use();
    } finally {
      this.next = next;
    }
  }

  /** @returns the address of that many bytes, of any content */
  take(bytes: number): number {
    const at = Math.ceil(this.next / 16) * 16;
    this.next = at + bytes + SLACK;
    const missing = this.next - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  /** @returns the address of a copy */
  put(data: Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array): number {
    const at = this.take(data.byteLength);
    this.bytes(at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return at;
  }

  /** What lies at an address. It ends to be valid when more is taken. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }
}

let arena: Arena | undefined;

/** The process's arena. */
export function sharedArena(): Arena {
  return (arena ??= new Arena());
}
