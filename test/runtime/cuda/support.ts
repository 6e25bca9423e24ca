import { createHash } from 'node:crypto';
import { chmodSync, createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { CudaPack, Wheel } from '../../../lib/runtime/cuda/pack';

/** A folder that pip can take wheels from, and what shall be taken out of them. */
export interface Shelf {
  folder: string;
  pack: CudaPack;
}

/** Two small wheels, as real ones are built. */
export async function fillShelf(folder: string, version = '1.0'): Promise<Shelf> {
  mkdirSync(folder, { recursive: true });
  const wheels = [
    await wheel(folder, 'vitrine-test-runtime', version, 'libone.so.1', 'one '.repeat(5000)),
    await wheel(folder, 'vitrine-test-network', version, 'libtwo.so.9', 'two '.repeat(90_000)),
  ];
  return { folder, pack: { onnxruntime: version, cuda: 13, driver: 580, capability: 7.5, wheels } };
}

async function wheel(
  folder: string,
  name: string,
  version: string,
  library: string,
  content: string,
): Promise<Wheel> {
  const stem = `${fileName(name)}-${version}`;
  const platform = 'manylinux_2_28_x86_64';
  const file = join(folder, `${stem}-py3-none-${platform}.whl`);
  const info = `${stem}.dist-info`;
  const files = {
    [`nvidia/test/lib/${library}`]: content,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nRequires-Python: >=3.11\n`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-${platform}\n`,
    [`${info}/RECORD`]: `nvidia/test/lib/${library},,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  };
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  const bytes = readFileSync(file);
  return {
    name,
    version,
    platform,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    unpacked: content.length + 500,
    libraries: { [library]: `nvidia/test/lib/${library}` },
  };
}

/**
 * A pip that does as told by the file `faults` beside it, a line for each wheel's name: `<name> fail`, `<name> full`,
 * `<name> unknown`,
 * `<name> other`, `<name> hang`. What it was asked for stands in `asked`.
 */
export function fakePip(folder: string, shelf: Shelf): string {
  const script = join(folder, 'fake-python');
  const unpacking = shelf.pack.wheels
    .flatMap(({ name, libraries }) => Object.values(libraries).map((path) => [fileName(name), path]))
    .map(
      ([stem, path]) =>
        `*/${stem}-*) mkdir -p "$target/${dirname(path)}"; echo ${path} > "$target/${path}";;`,
    );
  writeFileSync(
    script,
    `#!/bin/sh
here=${folder}
for word in "$@"; do
  case $before in --target) target=$word;; --dest) dest=$word;; --requirement) wanted=$word;; esac
  before=$word
done
case "$*" in
  *--version) echo "pip 99.0 from /fake (python 3.12)"; exit;;
  *install*) case $before in ${unpacking.join(' ')} esac; exit;;
esac
name=$(sed 's/==.*//' "$wanted")
echo "$name" >> $here/asked
file=$(ls ${shelf.folder} | grep "^$(echo "$name" | tr - _)-")
mkdir -p "$dest"
case $(sed -n "s/^$name //p" $here/faults) in
  fail) echo "ERROR: Could not fetch https://me:secret@mirror.example/simple: 503" >&2; exit 1;;
  full) echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2; exit 1;;
  unknown) echo "ERROR: No matching distribution found for $name" >&2; exit 1;;
  other) echo something else > "$dest/$file";;
  hang) echo half > "$dest/$file"; echo $$ > $here/hangs; exec sleep 600;;
  *) cp "${shelf.folder}/$file" "$dest/$file";;
esac
`,
  );
  chmodSync(script, 0o755);
  return script;
}

/** What the fake pip was asked for, and forgets by that. */
export function askedOf(folder: string): string[] {
  const file = join(folder, 'asked');
  const names = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  writeFileSync(file, '');
  return names;
}

export function setFaults(folder: string, text: string): void {
  writeFileSync(join(folder, 'faults'), text);
}

/** A name as wheels have it. */
function fileName(name: string): string {
  return name.replaceAll('-', '_');
}
