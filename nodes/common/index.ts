export * from './engine';
export * from './failures';
export * from './files';
