import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { hashFile } from '../hash';
import { cutToFloat32, type Part } from './edit';
import { bytesField } from './protobuf';

/** Raised whenever `cutToFloat32` writes something else: files of an older one are made anew. */
const VERSION = 4;
/** `metadata_props` of onnx.proto's ModelProto. */
const METADATA = 14;
const MARK = 'vitrine.derived-from';

/** A file for the CPU, and why it is not the one that was hoped for. */
export interface Derived {
  file: string;
  warnings: string[];
}

/**
 * A copy of a network for the CPU, cut to one output and with float32 weights: `<name>.cpu.onnx` beside the original.
 * It is made once, and again when the original changes. Two processes may do so at once.
 *
 * For ISNet with float16 weights and 12 outputs (2 threads, 1024 x 1024) that takes about a quarter off the time and
 * half off the memory, because onnxruntime's CPU kernels compute in float32 and keep every output asked of the graph.
 * @param original an ONNX file; held in memory while the copy is made
 * @param output the one output, by name or by place counted from 0
 * @param sha256 of the original, where it is known already
 * @returns the original itself, with a warning, where the copy cannot be written
 */
export async function deriveForCpu(
  original: string,
  output: string | number,
  sha256?: string,
): Promise<Derived> {
  const file = original.replace(/(\.onnx)?$/, '.cpu.onnx');
  const mark = markFor(sha256 ?? (await hashFile(original, ['sha256'])).sha256, output);
  if (await isDerivedFrom(file, mark)) return { file, warnings: [] };

  const parts = tryCut(await readFile(original), output);
  if (!parts) return { file: original, warnings: [] };
  const temporary = `${file}.${process.pid}.part`;
  try {
    const handle = await open(temporary, 'w');
    try {
      // First in the file, so that the check above reads its beginning only.
      await handle.write(markBytes(mark));
      for (const part of parts) await write(handle, part.make());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return { file, warnings: [] };
  } catch (error) {
    await rm(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(code ?? '')) throw error;
    const warning = `A faster copy of the network could not be written to ${file} (${code}): the original was used. Give this user the folder, or free some space.`;
    return { file: original, warnings: [warning] };
  }
}

/** A file that is no whole message is left to onnxruntime, which says what is wrong with it. */
function tryCut(model: Buffer, output: string | number): Part[] | undefined {
  try {
    return cutToFloat32(model, output);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function markFor(sha256: string, output: string | number): string {
  return `${VERSION}:${sha256}:${output}`;
}

/** A StringStringEntryProto of the model's metadata, which onnxruntime reads and ignores. */
function markBytes(mark: string): Buffer {
  return bytesField(
    METADATA,
    Buffer.concat([bytesField(1, Buffer.from(MARK)), bytesField(2, Buffer.from(mark))]),
  );
}

async function isDerivedFrom(file: string, mark: string): Promise<boolean> {
  const expected = markBytes(mark);
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const { buffer } = await handle.read(Buffer.alloc(expected.length), 0, expected.length, 0);
    return buffer.equals(expected);
  } finally {
    await handle.close();
  }
}

/** A write of the system may take less than all of it. */
async function write(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}
