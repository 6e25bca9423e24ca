import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { hashFile } from '../hash';
import { cutToFloat32, type Part } from './edit';
import { bytesField } from './protobuf';
import { addRowMask, type RowMask } from './row-mask';

/** `metadata_props` of onnx.proto's ModelProto. */
const METADATA = 14;
const MARK = 'vitrine.derived-from';

/** A file made of another one, and why it is not the one that was hoped for. */
export interface Derived {
  file: string;
  warnings: string[];
}

/** How a copy of a network differs from it. */
export interface Change {
  /** Stands before `.onnx` in the copy's name. */
  suffix: string;
  /** What the copy is, for people: `faster`. */
  gain: string;
  /** Tells copies of one file apart; holds a version that is raised whenever `make` writes something else. */
  mark: string;
  /**
   * @returns undefined where the original is best used as it is
   * @throws RangeError when the file is not a whole message
   */
  make(model: Buffer): Part[] | undefined;
}

/**
 * For the CPU: one output, float32 weights.
 *
 * For ISNet with float16 weights and 12 outputs (2 threads, 1024 x 1024) that takes about a quarter off the time and
 * half off the memory, because onnxruntime's CPU kernels compute in float32 and keep every output asked of the graph.
 * @param output the one output, by name or by place counted from 0
 */
export function cutForCpu(output: string | number): Change {
  return { suffix: 'cpu', gain: 'faster', mark: `4:${output}`, make: (model) => cutToFloat32(model, output) };
}

/** With one input more, which says which rows of a memory stand for something. */
export function withRowMask(names: RowMask): Change {
  const mark = `mask 1:${Object.values(names).join()}`;
  return { suffix: 'masked', gain: 'more exact', mark, make: (model) => addRowMask(model, names) };
}

/**
 * A changed copy of a network, `<name>.<suffix>.onnx` beside the original. It is made once, and again when the original
 * changes. Two processes may do so at once.
 * @param original an ONNX file; held in memory while the copy is made
 * @param sha256 of the original, where it is known already
 * @returns the original itself, with a warning, where the copy cannot be written
 */
export async function derive(original: string, change: Change, sha256?: string): Promise<Derived> {
  const file = original.replace(/(\.onnx)?$/, `.${change.suffix}.onnx`);
  const mark = `${sha256 ?? (await hashFile(original, ['sha256'])).sha256}:${change.mark}`;
  if (await isDerivedFrom(file, mark)) return { file, warnings: [] };

  const parts = tryMake(await readFile(original), change);
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
    const warning = `A ${change.gain} copy of the network could not be written to ${file} (${code}): the original was used. Give this user the folder, or free some space.`;
    return { file: original, warnings: [warning] };
  }
}

/** A file that is no whole message is left to onnxruntime, which says what is wrong with it. */
function tryMake(model: Buffer, change: Change): Part[] | undefined {
  try {
    return change.make(model);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
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
