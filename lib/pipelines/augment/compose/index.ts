export { drawComposition } from './draw';
export { composeScene } from './scene';
