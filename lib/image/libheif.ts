import { readFileSync } from 'node:fs';
import type { MainModule } from 'libheif-js/libheif-wasm/libheif';
import { broken, failure } from './problems';

/** ITU-T H.273 code points of a picture's colours. */
export interface CodedColor {
  primaries: number;
  transfer: number;
}

export interface HeifPixels {
  /** Interleaved, 8 bits each, upright, not premultiplied. */
  data: Uint8Array;
  width: number;
  height: number;
  channels: 3 | 4;
}

// Of libheif's heif.h: enumerations, and offsets in its structures as they lie in 32-bit memory.
const COLORSPACE_RGB = 1;
const CHROMA_RGB = 10;
const CHROMA_RGBA = 11;
const CHANNEL_INTERLEAVED = 10;
const ERROR_BYTES = 12;
const ERROR_MESSAGE = 8;
const OPTION_STRICT = 21;
const NCLX_PRIMARIES = 4;
const NCLX_TRANSFER = 8;

/** Coded picture formats, as opposed to items that are put together from others. */
const CODECS = /^(hvc1|av01|avc1|vvc1|jpeg|j2k1|unci|evc1)$/;

/** A HEIF file (ISO/IEC 23008-12) in libheif's hands; `release` gives its memory back. */
export class HeifFile {
  private readonly context: number;
  private readonly handle: number;

  /** @throws VitrineError INVALID_IMAGE */
  constructor(bytes: Buffer) {
    const input = copyIn(bytes);
    this.context = heif()._heif_context_alloc();
    try {
      check((error) => heif()._heif_context_read_from_memory(error, this.context, input, bytes.length, 0));
      this.handle = pointed((to) =>
        check((error) => heif()._heif_context_get_primary_image_handle(error, this.context, to)),
      );
    } catch (error) {
      heif()._heif_context_free(this.context);
      throw error;
    } finally {
      heif()._free(input);
    }
  }

  /** Pixels of the upright picture. */
  get width(): number {
    return heif()._heif_image_handle_get_width(this.handle);
  }

  get height(): number {
    return heif()._heif_image_handle_get_height(this.handle);
  }

  /** `hvc1`, `av01`, ...; of a grid, what its tiles are coded as. */
  get codec(): string {
    const { context } = this;
    const primary = heif()._heif_image_handle_get_item_id(this.handle);
    const count = heif()._heif_context_get_number_of_items(context);
    const ids = numbers(count, (to) => heif()._heif_context_get_list_of_item_IDs(context, to, count));
    const types = [primary, ...ids].map((id) => fourCharacters(heif()._heif_item_get_item_type(context, id)));
    return types.find((type) => CODECS.test(type)) ?? types[0];
  }

  get icc(): Buffer | undefined {
    const size = heif()._heif_image_handle_get_raw_color_profile_size(this.handle);
    if (!size) return undefined;
    return copyOut(size, (to, error) =>
      heif()._heif_image_handle_get_raw_color_profile(error, this.handle, to),
    );
  }

  get color(): CodedColor | undefined {
    const nclx = pointed((to) =>
      withError((error) => heif()._heif_image_handle_get_nclx_color_profile(error, this.handle, to)),
    );
    if (!nclx) return undefined;
    const color = { primaries: word(nclx + NCLX_PRIMARIES), transfer: word(nclx + NCLX_TRANSFER) };
    heif()._heif_nclx_color_profile_free(nclx);
    return color;
  }

  /** EXIF block that starts with its TIFF header. */
  get exif(): Buffer | undefined {
    const block = this.metadata((type) => type === 'Exif');
    return block && block.length > 4 ? block.subarray(4 + block.readUInt32BE(0)) : undefined;
  }

  get xmp(): Buffer | undefined {
    return this.metadata((type, contentType) => type === 'mime' && contentType === 'application/rdf+xml');
  }

  /**
   * Decodes the picture upright and whole.
   * @throws VitrineError INVALID_IMAGE
   */
  decode(): HeifPixels {
    const channels = heif()._heif_image_handle_has_alpha_channel(this.handle) ? 4 : 3;
    const options = heif()._heif_decoding_options_alloc();
    heif().HEAPU8[options + OPTION_STRICT] = 1;
    let image = 0;
    try {
      image = pointed((to) =>
        check((error) =>
          heif()._heif_decode_image(
            error,
            this.handle,
            to,
            COLORSPACE_RGB,
            channels === 4 ? CHROMA_RGBA : CHROMA_RGB,
            options,
          ),
        ),
      );
      const pixels = readPixels(image, channels);
      if (heif()._heif_image_is_premultiplied_alpha(image)) unpremultiply(pixels.data);
      return pixels;
    } finally {
      heif()._heif_decoding_options_free(options);
      heif()._heif_image_release(image);
    }
  }

  release(): void {
    heif()._heif_image_handle_release(this.handle);
    heif()._heif_context_free(this.context);
  }

  private metadata(matches: (type: string, contentType: string) => boolean): Buffer | undefined {
    const { handle } = this;
    const count = heif()._heif_image_handle_get_number_of_metadata_blocks(handle, 0);
    const ids = numbers(count, (to) =>
      heif()._heif_image_handle_get_list_of_metadata_block_IDs(handle, 0, to, count),
    );
    const found = ids.find((id) =>
      matches(
        text(heif()._heif_image_handle_get_metadata_type(handle, id)),
        text(heif()._heif_image_handle_get_metadata_content_type(handle, id)),
      ),
    );
    if (found === undefined) return undefined;
    const size = heif()._heif_image_handle_get_metadata_size(handle, found);
    return copyOut(size, (to, error) => heif()._heif_image_handle_get_metadata(error, handle, found, to));
  }
}

function readPixels(image: number, channels: 3 | 4): HeifPixels {
  const width = heif()._heif_image_get_width(image, CHANNEL_INTERLEAVED);
  const height = heif()._heif_image_get_height(image, CHANNEL_INTERLEAVED);
  let plane = 0;
  const stride = pointed((to) => {
    plane = heif()._heif_image_get_plane_readonly2(image, CHANNEL_INTERLEAVED, to);
  });
  const row = width * channels;
  const data = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const start = plane + y * stride;
    data.set(heif().HEAPU8.subarray(start, start + row), y * row);
  }
  return { data, width, height, channels };
}

function unpremultiply(rgba: Uint8Array): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3];
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel++) {
      rgba[channel] = Math.min(255, Math.round((rgba[channel] * 255) / alpha));
    }
  }
}

let loaded: MainModule | undefined;

/** libheif as WebAssembly, without any output of its own. Only ever loaded in the guard's child. */
function heif(): MainModule {
  if (loaded) return loaded;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- takes 0.1 s, which other pictures need not wait
  const start = require('libheif-js/libheif-wasm/libheif.js') as (options: object) => MainModule;
  const silent = () => undefined;
  const wasmBinary = readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm'));
  loaded = start({ wasmBinary, print: silent, printErr: silent });
  return loaded;
}

/** Calls with room for libheif's error and tells its words, if there are any. */
function withError(call: (error: number) => void): string | undefined {
  const error = allocate(ERROR_BYTES);
  try {
    call(error);
    return word(error) === 0 ? undefined : text(word(error + ERROR_MESSAGE));
  } finally {
    heif()._free(error);
  }
}

function check(call: (error: number) => void): void {
  const problem = withError(call);
  if (problem === undefined) return;
  const words = problem.replace(/\s+/g, ' ').trim().slice(0, 160);
  throw broken(`The HEIF picture cannot be read: ${words}`);
}

/** What the call writes at the address that it is given. */
function pointed(call: (to: number) => void): number {
  return numbers(1, call)[0];
}

function numbers(count: number, call: (to: number) => void): number[] {
  const start = allocate(4 * count);
  try {
    heif().HEAPU32.fill(0, start >> 2, (start >> 2) + count);
    call(start);
    return [...heif().HEAPU32.subarray(start >> 2, (start >> 2) + count)];
  } finally {
    heif()._free(start);
  }
}

/** @throws VitrineError TOO_LARGE when libheif's memory, 2 GB at most, is used up */
function allocate(bytes: number): number {
  const start = heif()._malloc(bytes);
  if (start || !bytes) return start;
  throw failure('TOO_LARGE', 'The HEIF picture takes too much memory', 'Make it smaller.');
}

function copyIn(bytes: Buffer): number {
  const start = allocate(bytes.length);
  heif().HEAPU8.set(bytes, start);
  return start;
}

function copyOut(size: number, call: (to: number, error: number) => void): Buffer {
  const start = allocate(size);
  try {
    check((error) => call(start, error));
    return Buffer.from(heif().HEAPU8.subarray(start, start + size));
  } finally {
    heif()._free(start);
  }
}

function word(address: number): number {
  return heif().HEAPU32[address >> 2];
}

/** A zero-terminated string; empty for no address. */
function text(address: number): string {
  if (!address) return '';
  return Buffer.from(heif().HEAPU8.subarray(address, heif().HEAPU8.indexOf(0, address))).toString('utf8');
}

function fourCharacters(code: number): string {
  return String.fromCharCode(code >>> 24, (code >> 16) & 255, (code >> 8) & 255, code & 255);
}
