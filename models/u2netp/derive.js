/**
 * Makes u2netp.onnx from the file that was published, after `npm run build`:
 *
 *     node models/u2netp/derive.js <published u2netp.onnx>
 *
 * and prints what the registry says of it.
 */
const { copyFileSync, mkdtempSync, rmSync, statSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { hashFile } = require('../../dist/lib/models/hash');
const { deriveForCpu } = require('../../dist/lib/models/onnx');

const PUBLISHED = '309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8';

async function main(published) {
  const { sha256 } = await hashFile(published, ['sha256']);
  if (sha256 !== PUBLISHED) throw new Error(`Expected SHA-256 ${PUBLISHED} but ${published} has ${sha256}`);
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-u2netp-'));
  const original = join(folder, 'u2netp.onnx');
  const shipped = join(__dirname, 'u2netp.onnx');
  copyFileSync(published, original);
  copyFileSync((await deriveForCpu(original, 0, sha256)).file, shipped);
  rmSync(folder, { recursive: true });
  console.log(`bytes ${statSync(shipped).size}, sha256 ${(await hashFile(shipped, ['sha256'])).sha256}`);
}

void main(process.argv[2]);
