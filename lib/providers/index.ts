export { type Callback, type CallbackOptions, type Delivery, deliverCallback, signer } from './callback';
export { DRIVE_URL, downloadFromDrive, driveFileOf, type DriveFile, type DriveRequest } from './drive';
export { fetchFile, type FileRequest } from './fetch-file';
export {
  describeProduct,
  editPicture,
  generateWithGemini,
  findInPicture,
  geminiScene,
  type DescribeOptions,
  type EditOptions,
  type GeminiScene,
  type GeminiSceneMade,
  type Picture,
  type ProductDescription,
} from './gemini';
export { generateWithRunway, runwayScene, type RunwayScene, type RunwaySceneMade } from './runway';
export { Supabase, storageKey, type StoredFile, type SupabaseAccess } from './supabase';
export { callService } from './http';
export { sidesOf } from './shapes';
export type { AnswerHead, ServiceAnswer, ServiceFailure, ServiceRequest } from './types';
