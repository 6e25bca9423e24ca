/** Copies what tsc leaves behind (icons, codex JSON, the model registry, built-in weights) into dist. */
const { src, dest } = require('gulp');

const ASSETS = [
  'nodes/**/*.{svg,png,json}',
  'credentials/**/*.svg',
  'models/**/*',
  '!models/**/*.js',
  'lib/**/*.wasm',
  'examples/packshots/mug.jpg',
];

exports.build = () => src(ASSETS, { base: '.', encoding: false, allowEmpty: true }).pipe(dest('dist'));
