export { candidates, cudaCards, cudaLibrary, deviceStates, RUN_DEVICES, thisHost } from './devices';
export type { Host, RunDevice } from './devices';
export { fromHalf, toHalf } from './half';
export { deviceMemory, memoryLimitMb } from './memory';
export type { Runtime, Tensor } from './ort';
export { SessionPool } from './pool';
export { OPTIMISATIONS } from './session';
export type { Graph, Session, TensorInfo } from './session';
export { ThreadRuntime } from './thread';
