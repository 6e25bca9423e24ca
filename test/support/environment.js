const { TestEnvironment } = require('jest-environment-node');

const TYPED_ARRAYS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
];

// No test may fetch a model because the machine happens to be online; tests of downloads say otherwise themselves.
process.env.VITRINE_OFFLINE ??= 'true';

/** jest runs tests in a realm of its own; native addons only accept typed arrays of the outer one. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of TYPED_ARRAYS) this.global[name] = globalThis[name];
  }
};
