export { generateWithRunway, type RunwaySceneMade } from './generate';
export { runwayScene, type RunwayScene } from './scene';
