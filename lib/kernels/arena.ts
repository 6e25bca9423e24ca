import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kernels } from './functions';

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
  put(data: Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array | Float64Array): number {
    const at = this.take(data.byteLength);
    this.bytes(at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return at;
  }

  /** What lies at an address. It ends to be valid when more is taken. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** As `bytes`. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** As `bytes`. */
  integers(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length);
  }
}

let arena: Arena | undefined;

/** The process's arena. */
export function sharedArena(): Arena {
  return (arena ??= new Arena());
}
