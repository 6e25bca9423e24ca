export { describeProduct, type DescribeOptions, type ProductDescription } from './describe';
export { findInPicture } from './find';
export { editPicture, type EditOptions, type Picture } from './edit';
export { generateWithGemini, geminiScene, type GeminiScene, type GeminiSceneMade } from './generate';
