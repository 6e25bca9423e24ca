export { folderOf } from './backgrounds';
export { companionOf } from './companion';
export { type Filled, augmentFolder } from './folder';
export { replayPicture } from './replay';
export { augmentSent } from './sent';
export { augmentStored } from './stored';
