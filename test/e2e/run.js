/** Runs the end-to-end suite on a real n8n: `npm run test:e2e`. Arguments go to jest, e.g. a file name. */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ensureN8n, unsupported } = require('./install');

const root = path.join(__dirname, '../..');

async function main() {
  dropInheritedSettings();
  const reason = unsupported();
  if (reason) {
    console.log(`End-to-end suite skipped: ${reason}`);
    return 0;
  }
  const { node, n8n } = ensureN8n(path.resolve(process.env.VITRINE_E2E_DIR || path.join(root, '.e2e')));
  const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'vitrine-e2e-')));
  try {
    return await jest({ VITRINE_E2E_NODE: node, VITRINE_E2E_N8N: n8n, VITRINE_E2E_WORK: work });
  } finally {
    endProcessesOf(work);
    if (process.env.VITRINE_E2E_KEEP) console.log(`[e2e] kept ${work}`);
    else fs.rmSync(work, { recursive: true, force: true, maxRetries: 3, retryDelay: 200 });
  }
}

/** npm hands its own settings (`ignore-scripts` among them) to every npm below it; the suite's npm runs start fresh. */
function dropInheritedSettings() {
  for (const name of Object.keys(process.env)) {
    if (
      /^npm_(config_(ignore_scripts|(local_|global_)?prefix|omit)|package|lifecycle)|^(N8N|DB|QUEUE)_|^NODE_(OPTIONS|PATH)$/i.test(
        name,
      )
    ) {
      delete process.env[name];
    }
  }
}

function jest(settings) {
  const args = [
    require.resolve('jest/bin/jest'),
    '--config',
    path.join(__dirname, 'jest.config.js'),
    '--runInBand',
  ];
  const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  });
  // The terminal signals jest as well; this process stays to clean up after it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Ends what an interrupted or failed run left behind: every process whose environment names this run's folder. */
function endProcessesOf(work) {
  if (!fs.existsSync('/proc/self/environ')) return;
  for (const entry of fs.readdirSync('/proc')) {
    const pid = Number(entry);
    if (!pid || pid === process.pid) continue;
    try {
      if (fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(work)) process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code)) throw error;
    }
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(`[e2e] ${error.stack}`);
    process.exitCode = 1;
  },
);
