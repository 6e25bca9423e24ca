export { cudaEnvironment } from './environment';
export { installCuda, leftoverBytes, removeCuda, tryCuda } from './install';
export { lookForNvidia, obstacle, type Nvidia } from './nvidia';
export { CUDA_PACK, downloadBytes, unpackedBytes } from './pack';
export { findPip, type Pip } from './pip';
export { DRIVER_LIBRARY, probeCuda, type Probed } from './probe';
export { cudaState, type CudaState } from './store';
