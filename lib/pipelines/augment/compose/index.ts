export { drawComposition } from './draw';
export { type Scene, composeScene } from './scene';
