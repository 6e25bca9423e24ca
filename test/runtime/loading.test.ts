import '../../lib/matting';
import { graph } from '../models/support';
import { openGraph } from './support';

/** Stands in for an onnxruntime-node whose native library does not load, as on Alpine. */
const mockLoad = jest.fn((): never => {
  throw new Error('Error loading shared library ld-linux-x86-64.so.2: No such file or directory\nmore');
});
const mockLoadWeb = jest.fn((): never => {
  throw Object.assign(new Error("Cannot find module 'onnxruntime-web'"), { code: 'MODULE_NOT_FOUND' });
});
jest.mock('onnxruntime-node', () => mockLoad());
jest.mock('../../dist/lib/runtime/onnxruntime-web/ort.node.min.js', () => mockLoadWeb());

test('onnxruntime is loaded by the first session, never by an import; the web build only where the native one fails', async () => {
  expect(mockLoad).not.toHaveBeenCalled();
  await expect(openGraph({ modelFile: graph('logits'), device: 'cpu' })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    message: expect.stringMatching(
      /^onnxruntime-node cannot be loaded on .*ld-linux-x86-64\.so\.2: No such file or directory; nor can onnxruntime-web: Cannot find module/,
    ),
    hint: expect.stringContaining('plain'),
  });
  expect(mockLoad).toHaveBeenCalledTimes(1);
  expect(mockLoadWeb).toHaveBeenCalledTimes(1);
});
