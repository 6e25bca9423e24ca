export { sceneFor } from './scene';
export { checkScene, generatorsFor } from './table';
