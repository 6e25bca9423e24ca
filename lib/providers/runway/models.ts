import type { RUNWAY_SCENE_MODELS } from '../../contracts';

/** What a model of Runway's can be asked for. */
export interface RunwayModel {
  /** Sizes of its pictures, in pixels. */
  shapes: readonly string[];
  /** Characters of a prompt, in UTF-16. */
  maxPrompt?: number;
  takesSeed?: boolean;
}

/** Sizes that several models share, in pixels. */
const ABOUT_1K = [
  ...['1024:1024', '1344:768', '768:1344', '1184:864', '864:1184'],
  ...['1248:832', '832:1248', '1152:896', '896:1152', '1536:672'],
];
const ABOUT_2K = [
  ...['2048:2048', '2752:1536', '1536:2752', '2400:1792', '1792:2400'],
  ...['2528:1696', '1696:2528', '2304:1856', '1856:2304', '3168:1344'],
];

/** By their ids in version 2024-11-06 of the API. */
export const RUNWAY_MODELS: Record<(typeof RUNWAY_SCENE_MODELS)[number], RunwayModel> = {
  gen4_image: {
    shapes: [
      ...['1024:1024', '1080:1080', '720:720', '1168:880', '1440:1080', '960:720', '1080:1440', '720:960'],
      ...['1360:768', '1920:1080', '1280:720', '1080:1920', '720:1280', '1808:768', '2112:912', '1680:720'],
    ],
    maxPrompt: 1000,
    takesSeed: true,
  },
  gemini_image3_pro: { shapes: [...ABOUT_1K, ...ABOUT_2K] },
  'gemini_image3.1_flash': { shapes: [...ABOUT_1K, ...ABOUT_2K] },
  'gemini_2.5_flash': { shapes: ABOUT_1K },
  gpt_image_2: {
    shapes: [
      ...['1920:1920', '1920:1280', '1280:1920', '1920:1440', '1440:1920', '1920:1536', '1536:1920'],
      ...[
        '1920:1088',
        '1088:1920',
        '2048:880',
        '2560:2560',
        '2560:1440',
        '1440:2560',
        '2560:1920',
        '1920:2560',
      ],
    ],
  },
};
