export { editPicture, type EditOptions, type Picture } from './edit';
export { generateWithGemini, geminiScene, type GeminiScene, type GeminiSceneMade } from './generate';
