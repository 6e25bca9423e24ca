export { serveEmbedded } from './embedded';
export { serve } from './serve';
