export { describeProduct, type DescribeOptions, type ProductDescription } from './describe';
export { editPicture, type EditOptions, type Picture } from './edit';
export { generateWithGemini, geminiScene, type GeminiScene, type GeminiSceneMade } from './generate';
