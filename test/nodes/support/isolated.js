/**
 * Runs the built node in a plain Node process, as n8n does, and prints which native code that process holds
 * afterwards. Arguments: engine URL, token, photo file.
 */
const { readFileSync } = require('node:fs');
const ts = require('typescript');

require.extensions['.ts'] = (module, file) => {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  module._compile(outputText, file);
};

const { loadPack, oneNode, runWorkflow, useBinaryMode } = require('./n8n.ts');

async function main([url, token, photo]) {
  await useBinaryMode('filesystem');
  const pack = await loadPack({ built: true });
  const credentials = { vitrineEngineApi: { id: '1', name: 'Engine' } };
  const done = await runWorkflow(
    pack,
    oneNode({ engineLocation: 'remote', model: 'plain' }, { credentials }),
    {
      items: [
        { files: { data: { content: readFileSync(photo), fileName: 'box.jpg', mimeType: 'image/jpeg' } } },
      ],
      credentials: { vitrineEngineApi: { urls: url, token } },
    },
  );
  const report = {
    status: done.run.status,
    result: done.output('Remove Background')[0]?.json,
    node: Object.keys(require.cache).filter((file) => /dist\/nodes\/RemoveBackground/.test(file)),
    modules: Object.keys(require.cache),
    objects: process.report.getReport().sharedObjects,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
}

main(process.argv.slice(2));
