export { editPicture, type EditOptions, type Picture } from './gemini';
export { callService } from './http';
export type { ServiceAnswer, ServiceFailure, ServiceRequest } from './types';
