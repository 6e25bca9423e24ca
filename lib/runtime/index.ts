export { availableDevices, candidates, RUN_DEVICES, thisHost } from './devices';
export type { Host, RunDevice } from './devices';
export type { Runtime, Tensor, TensorData, TensorType } from './ort';
export { SessionPool } from './pool';
export type { PoolRequest, SessionPoolOptions } from './pool';
export { openSession } from './session';
export type { OpenedSession, OpenSessionOptions, Session, TensorInfo } from './session';
