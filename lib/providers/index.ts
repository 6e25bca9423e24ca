export { type Callback, type CallbackOptions, type Delivery, deliverCallback, signer } from './callback';
export { editPicture, type EditOptions, type Picture } from './gemini';
export { callService } from './http';
export type { ServiceAnswer, ServiceFailure, ServiceRequest } from './types';
