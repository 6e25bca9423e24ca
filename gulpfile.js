/** Copies what tsc leaves behind (icons, codex JSON, the model registry, built-in weights) into dist. */
const { dirname } = require('node:path');
const { src, dest, parallel } = require('gulp');

const ASSETS = [
  'nodes/**/*.{svg,png,json}',
  'credentials/**/*.svg',
  'models/**/*',
  '!models/**/*.js',
  'lib/**/*.wasm',
  'lib/runtime/onnxruntime-web/LICENSE',
  'examples/packshots/mug.jpg',
];

/** The three files of onnxruntime-web that Node needs, 14 of its 139 MB. */
const WASM_RUNTIME = ['ort.node.min.js', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

const assets = () => src(ASSETS, { base: '.', encoding: false, allowEmpty: true }).pipe(dest('dist'));

const wasmRuntime = () =>
  src(WASM_RUNTIME, { cwd: dirname(require.resolve('onnxruntime-web')), encoding: false }).pipe(
    dest('dist/lib/runtime/onnxruntime-web'),
  );

exports.build = parallel(assets, wasmRuntime);
