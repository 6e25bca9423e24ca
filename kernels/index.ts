export * from './alpha';
export * from './clahe';
export * from './rows';
export * from './noise';
export * from './places';
export * from './sample';
export * from './convolve';
export * from './median';
export * from './lab';
export * from './jpeg';
export * from './quantize';
export * from './motion';
export * from './snap';
export * from './band';
export * from './detail';
export * from './fade';
export * from './surroundings';
export * from './squares';
export * from './plain';
export * from './blur';
export * from './video';

/** The first byte of memory that no constant takes. */
export const heapBase: usize = __heap_base;
