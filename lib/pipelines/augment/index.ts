export { cutSource } from './cut';
export { drawPicture } from './draw';
export { parsePictureRecord } from './parse';
export { surveySources } from './survey';
export { augmentPictures } from './task';
