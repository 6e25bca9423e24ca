export * from './config';
export * from './errors';
export * from './job';
export * from './models';
export * from './package';
export * from './pixels';
export * from './remove';
export * from './validate';
