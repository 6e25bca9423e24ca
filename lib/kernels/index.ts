export { Arena, sharedArena } from './arena';
