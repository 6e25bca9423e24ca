export {
  CUDA_PACK,
  cudaEnvironment,
  cudaState,
  downloadBytes,
  DRIVER_LIBRARY,
  findPip,
  installCuda,
  leftoverBytes,
  lookForNvidia,
  obstacle,
  probeCuda,
  removeCuda,
  tryCuda,
  unpackedBytes,
} from './cuda';
export type { CudaState, Nvidia, Pip, Probed } from './cuda';
export { candidates, cudaCards, cudaLibrary, deviceStates, RUN_DEVICES, thisHost } from './devices';
export type { Host, RunDevice } from './devices';
export { onBestDevice } from './fallback';
export { fromHalf, toHalf } from './half';
export { hardwareOf } from './hardware';
export { deviceMemory, freeMemoryMb, memoryLimitMb, WORKER_SHARE } from './memory';
export type { Runtime, Tensor } from './ort';
export { SessionPool } from './pool';
export { OPTIMISATIONS } from './session';
export type { Graph, Session, SessionOptions, TensorInfo } from './session';
export { ThreadRuntime } from './thread';
export { glibcVersion, isOldGlibc, OLDEST_GLIBC, systemObstacle } from './system';
