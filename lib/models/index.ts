export { betterNetwork, resolveModel } from './choose';
export { downloadSettings } from './download/settings';
export type { DownloadSettings } from './download/settings';
export { pullModel } from './download/pull';
export type { DownloadProgress } from './download/pull';
export type {
  DecodedMask,
  Detection,
  DetectionNetwork,
  DiffusionNetwork,
  FrameFeatures,
  FrameMemory,
  Latents,
  MatteNetwork,
  MemoryBank,
  Planes,
  Prompt,
  PromptPoint,
  Schedule,
  TrackingNetwork,
  Values,
} from './families';
export { acceptedLicenses, needsAcknowledgement } from './licenses';
export { Networks } from './networks';
export type { DownloadRequest, OpenNetwork, OpenRequest } from './networks';
export { findForTask, findModel, loadRegistry } from './registry';
export type { Registry } from './registry';
export type { ModelEntry, NetworkEntry } from './schema';
export { holding, holdings, isAvailable, removeModel, summaries, verifyModel } from './shelf';
export type { Holding } from './shelf';
export { Speeds } from './speed/speeds';
export { devicesOf, entryFor, entryToFetch, firstDevice } from './variants';
