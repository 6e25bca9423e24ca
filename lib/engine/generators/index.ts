export { sceneFor } from './scene';
export { generatorsFor } from './table';
