export { editPicture, type EditOptions, type Picture } from './edit';
