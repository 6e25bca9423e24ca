/**
 * The pack for n8n Cloud, and for wherever only verified packs load: the same nodes and credentials under the same name,
 * bundled into one file, without dependencies and with remote engines only. `npm run pack:cloud` writes the tarball.
 */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { build, stop } = require('esbuild');

const root = path.join(__dirname, '..');
const manifest = require('../package.json');

/** What a verified pack may not do is left out of the bundle, or done in another way: ours by a file of this folder. */
const REPLACED = {
  'nodes/common/connect.ts': 'cloud/connect.ts',
  'lib/engine/client/clock.ts': 'cloud/clock.ts',
  'lib/contracts/signatures.ts': 'cloud/signatures.ts',
};
/** What nodes import of Node. */
const REPLACED_MODULES = { 'node:stream': 'cloud/stream.ts' };

/**
 * @param {string} folder where the package is put together; emptied first
 * @returns {Promise<void>}
 */
async function buildCloudPack(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  const { nodes, credentials } = manifest.n8n;
  const files = [...nodes, ...credentials];
  const { metafile } = await build({
    stdin: {
      contents: files.map((file) => `export * from './${sourceOf(file)}';`).join('\n'),
      resolveDir: root,
    },
    outfile: path.join(folder, 'dist/vitrine.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['n8n-workflow'],
    // zod compiles its checks where it can; it does without where it finds no way to.
    define: { Function: 'undefined' },
    plugins: [replacements],
    metafile: true,
    logLevel: 'warning',
  });
  // Its process would stay as long as this one does.
  await stop();
  for (const file of files) {
    const name = path.basename(file).split('.')[0];
    const bundle = path.relative(path.dirname(file), 'dist/vitrine.js').split(path.sep).join('/');
    write(path.join(folder, file), `exports.${name} = require('${bundle}').${name};\n`);
  }
  for (const file of fs.readdirSync(path.join(root, 'dist'), { recursive: true }).map(String))
    if (/^(nodes|credentials)\b.*\.(svg|node\.json)$/.test(file))
      write(path.join(folder, 'dist', file), fs.readFileSync(path.join(root, 'dist', file)));
  write(path.join(folder, 'README.md'), fs.readFileSync(path.join(root, 'cloud/README.md')));
  write(path.join(folder, 'LICENSE'), licences(Object.keys(metafile.inputs)));
  write(path.join(folder, 'package.json'), `${JSON.stringify(cloudManifest(), null, 2)}\n`);
}

const sourceOf = (built) => built.replace(/^dist\//, '').replace(/\.js$/, '.ts');

const replacements = {
  name: 'cloud',
  setup({ onResolve }) {
    onResolve({ filter: /^node:/ }, ({ path: module }) =>
      REPLACED_MODULES[module] ? { path: path.join(root, REPLACED_MODULES[module]) } : undefined,
    );
    onResolve({ filter: /^\./ }, async ({ path: relative, resolveDir }) => {
      const file = ['.ts', '/index.ts']
        .map((end) => path.join(resolveDir, relative) + end)
        .find(fs.existsSync);
      if (!file) return undefined;
      const replaced = REPLACED[path.relative(root, file).split(path.sep).join('/')];
      // None of ours does anything but define things: what nobody asks for is left out.
      return { path: replaced ? path.join(root, replaced) : file, sideEffects: false };
    });
  },
};

/** The same name, so that workflows find their nodes; a version of its own, as npm has each only once. */
function cloudManifest() {
  const { name, version, description, license, keywords, n8n, peerDependencies } = manifest;
  return {
    ...{ name, version: `${version}-cloud`, description, license, author: authorToVerify(), keywords },
    homepage: `https://www.npmjs.com/package/${name}`,
    files: ['dist'],
    n8n,
    peerDependencies,
  };
}

/** n8n verifies packs only whose author can be written to: at the address of the package, or of the last commit. */
function authorToVerify() {
  const { author } = manifest;
  if (author.email) return author;
  try {
    const email = execFileSync('git', ['log', '-1', '--format=%ae'], { cwd: root, encoding: 'utf8' }).trim();
    return { ...author, email };
  } catch (error) {
    throw new Error(
      'package.json names no e-mail of the author, which n8n asks of packs that it verifies, and git has no commit to ' +
        'take one from. Set it: npm pkg set author.email=<address>',
      { cause: error },
    );
  }
}

/** Ours, and those of the libraries that the bundle has in it. */
function licences(inputs) {
  const bundled = new Set(
    inputs.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  const texts = [...bundled].map((library) => {
    const text = fs.readFileSync(path.join(root, 'node_modules', library, 'LICENSE'), 'utf8');
    return `\n${library}, in dist/vitrine.js:\n\n${text}`;
  });
  return fs.readFileSync(path.join(root, 'LICENSE'), 'utf8') + texts.join('');
}

function write(file, contents) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, contents);
}

/** @returns {Promise<string>} the path of the tarball */
async function packCloud(to) {
  const folder = path.join(root, 'cloud/dist');
  await buildCloudPack(folder);
  const args = ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', to];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const [{ filename }] = JSON.parse(execFileSync(npm, args, { encoding: 'utf8' }));
  return path.join(to, filename);
}

if (require.main === module)
  packCloud(process.cwd()).then(
    (file) => process.stdout.write(`${file}\n`),
    (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    },
  );

module.exports = { buildCloudPack, packCloud };
