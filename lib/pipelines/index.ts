export { preparePicture } from './prepare';
export { contactSheet } from './preview';
export { removeBackground } from './remove';
export { Resources } from './resources';
