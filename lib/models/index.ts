export { adapt } from './adapters';
export type { MatteAdapter } from './adapters';
export { resolveModel } from './choose';
export { modelFiles } from './files';
export { findModel, isAvailable, loadRegistry, LOCAL_REGISTRY, summaries } from './registry';
export type { Registry } from './registry';
export type { BuiltInEntry, ModelEntry, NetworkEntry } from './schema';
