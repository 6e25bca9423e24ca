export * from './engine';
export * from './failures';
export * from './files';
export * from './input-source';
export * from './operation';
export { deviceOptions, ifUnsure, quality } from './options';
export * from './output-file';
export * from './read';
export * from './run-items';
