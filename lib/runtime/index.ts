export { Batches, MAX_BATCH } from './batch';
export {
  availableDevices,
  candidates,
  cudaCards,
  cudaLibrary,
  deviceStates,
  RUN_DEVICES,
  thisHost,
} from './devices';
export type { DeviceState, Host, RunDevice } from './devices';
export { ThreadRuntime } from './thread';
export { fromHalf, toHalf } from './half';
export type { Runtime, Tensor, TensorData, TensorType } from './ort';
export { SessionPool } from './pool';
export type { Graph, PoolRequest, SessionPoolOptions } from './pool';
export { deviceMemory } from './memory';
export { openSession, OPTIMISATIONS } from './session';
export type { OpenedSession, OpenSessionOptions, Session, TensorInfo } from './session';
