import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtFile } from '../../lib/contracts';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-lockfile-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** A host that ends in good order when it is told to for the first time, as n8n does, and holds a lock of ours. */
const HOST = `
  process.once('SIGTERM', () => setTimeout(() => process.exit(7), 300));
  const { loadLockfile } = require(process.argv[1]);
  loadLockfile().lock(process.argv[2]).then(() => console.log('locked'));
  setInterval(() => undefined, 1000);
`;

test('a lock does not cut short the orderly end of the process that holds it', async () => {
  const host = spawn(process.execPath, ['-e', HOST, builtFile('lib/contracts/index.js'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(host.stdout, 'data');
  host.kill('SIGTERM');
  expect(await once(host, 'exit')).toEqual([7, null]);
});
