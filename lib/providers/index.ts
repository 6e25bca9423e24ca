export { outboundAgents } from './outbound';
export { editPicture, type EditOptions, type Picture } from './gemini';
