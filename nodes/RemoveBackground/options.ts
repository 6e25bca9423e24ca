import type { INodeProperties } from 'n8n-workflow';

const notForMask = { hide: { '/operation': ['getMask', 'processFrontAndBack'] } };
const onlyForCutouts = { show: { '/operation': ['removeBackground'] } };
const notForScenes = { hide: { '/operation': ['processFrontAndBack', 'softenBackground'] } };
const notForDesigns = { hide: { '/operation': ['processFrontAndBack'] } };
const onlyForDesigns = { show: { '/operation': ['processFrontAndBack'] } };

/** The Options collection, in alphabetical order. */
export const options: INodeProperties = {
  displayName: 'Options',
  name: 'options',
  type: 'collection',
  placeholder: 'Add option',
  default: {},
  options: [
    {
      displayName: 'Alpha Matting',
      name: 'alphaMatting',
      type: 'boolean',
      default: false,
      description:
        'Whether to find the soft edge anew from the colors of the photo: finer hair and fur, for some seconds more',
    },
    {
      displayName: 'Alpha Matting Background Threshold',
      name: 'alphaMattingBackgroundThreshold',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 255, numberPrecision: 0 },
      default: 10,
      description: 'With Alpha Matting: where the mask is below, it is certainly background (0 to 255)',
    },
    {
      displayName: 'Alpha Matting Erode Size',
      name: 'alphaMattingErodeSize',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 200, numberPrecision: 0 },
      default: 10,
      description:
        'With Alpha Matting: how far the certain product and background are shrunk, in pixels (0 to 200)',
    },
    {
      displayName: 'Alpha Matting Foreground Threshold',
      name: 'alphaMattingForegroundThreshold',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 255, numberPrecision: 0 },
      default: 240,
      description: 'With Alpha Matting: where the mask is above, it is certainly product (0 to 255)',
    },
    {
      displayName: 'Clean Mask',
      name: 'cleanMask',
      type: 'boolean',
      default: true,
      description:
        'Whether to take haze, specks and pinholes out of the mask of a network; soft edges stay as they are',
    },
    {
      displayName: 'Crop to Product',
      name: 'crop',
      type: 'boolean',
      default: false,
      description: 'Whether to cut away what lies around the product, leaving the Padding',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Decontaminate Edges',
      name: 'decontaminate',
      type: 'boolean',
      default: true,
      description: 'Whether to take the color of the old background out of soft edges',
      displayOptions: onlyForCutouts,
    },
    {
      displayName: 'Decontamination Method',
      name: 'decontaminationMethod',
      type: 'options',
      options: [
        { name: 'Blur Fusion', value: 'blur-fusion', description: 'Right for nearly every photo' },
        {
          name: 'Multi-Level',
          value: 'multi-level',
          description: 'Multi-level foreground estimation, as rembg has it',
        },
      ],
      default: 'blur-fusion',
      description: 'How Decontaminate Edges works',
      displayOptions: onlyForCutouts,
    },
    {
      displayName: 'Denoise',
      name: 'denoise',
      type: 'boolean',
      default: false,
      description: 'Whether to remove camera noise from the product',
      displayOptions: notForMask,
    },
    {
      displayName: 'Device',
      name: 'device',
      type: 'options',
      options: [
        { name: 'Auto', value: 'auto', description: 'The fastest device that the engine has' },
        { name: 'CoreML', value: 'coreml', description: 'Apple hardware' },
        { name: 'CPU', value: 'cpu', description: 'The processor; works everywhere' },
        { name: 'CUDA', value: 'cuda', description: 'An NVIDIA graphics card' },
        { name: 'DirectML', value: 'dml', description: 'A graphics card under Windows' },
        { name: 'WebGPU', value: 'webgpu', description: 'A graphics card through WebGPU' },
      ],
      default: 'auto',
      description: 'What the model runs on',
    },
    {
      displayName: 'Drop Islands (%)',
      name: 'dropIslands',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 2 },
      default: 0,
      description:
        'Pieces of the mask smaller than this percentage of its largest piece are dropped (0 to 100); 100 leaves the largest only',
    },
    {
      displayName: 'Enhance Product',
      name: 'enhanceProduct',
      type: 'boolean',
      default: false,
      description: 'Whether to raise the local contrast of the product',
      displayOptions: notForMask,
    },
    {
      displayName: 'Feather',
      name: 'feather',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 1 },
      default: 0,
      description: 'Extra softness of the edge, in pixels of the photo (0 to 100)',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Fill Holes (%)',
      name: 'fillHoles',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 2 },
      default: 0,
      description: "Holes up to this percentage of the product's area are filled (0 to 100)",
    },
    {
      displayName: 'Gemini Model',
      name: 'geminiModel',
      type: 'string',
      default: '',
      placeholder: 'e.g. gemini-3.1-flash-image',
      description: 'ID of the Gemini model that cleans up. Empty: the one that the engine is set to.',
      displayOptions: onlyForDesigns,
    },
    {
      displayName: 'Grow Mask',
      name: 'grow',
      type: 'number',
      typeOptions: { minValue: -50, maxValue: 50, numberPrecision: 1 },
      default: 0,
      description: 'Pixels of the photo that the mask grows by; below 0 it shrinks (-50 to 50)',
    },
    {
      displayName: 'If Output Field Exists',
      name: 'onExisting',
      type: 'options',
      options: [
        { name: 'Overwrite', value: 'overwrite', description: 'Put the new file in its place' },
        { name: 'Skip Item', value: 'skip', description: 'Pass the item on as it came, without any work' },
        { name: 'Stop with an Error', value: 'stop', description: 'Let the item fail' },
      ],
      default: 'overwrite',
      description:
        'What to do when the input item already has a file in the output or the mask field. An input field of the same name counts too.',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Include Input Fields',
      name: 'includeInputFields',
      type: 'boolean',
      default: false,
      description:
        'Whether to keep the JSON fields of the input item, such as a SKU, beside those of the result',
    },
    {
      displayName: 'Items in Parallel',
      name: 'itemsInParallel',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 32, numberPrecision: 0 },
      default: 4,
      description:
        'How many items are with the engine at the same time (1 to 32); the value of the first item is used',
    },
    {
      displayName: 'Keep Files on Engine',
      name: 'keepOnEngine',
      type: 'boolean',
      default: false,
      description:
        'Whether to leave the pictures on the engine and put its links into the result, for as long as it keeps files',
      displayOptions: onlyForDesigns,
    },
    {
      displayName: 'Keep Metadata',
      name: 'keepMetadata',
      type: 'boolean',
      default: false,
      description:
        'Whether to keep EXIF and other metadata of the photo, the place where it was taken included',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Output Format',
      name: 'format',
      type: 'options',
      options: [
        {
          name: 'Automatic',
          value: 'auto',
          description: 'What suits the operation: PNG for cutouts and masks',
        },
        { name: 'JPEG', value: 'jpeg', description: 'Small, but without transparency' },
        { name: 'PNG', value: 'png', description: 'Lossless, with transparency' },
        { name: 'WebP', value: 'webp', description: 'Small, with transparency' },
      ],
      default: 'auto',
      description: 'The file format of the picture',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Padding (%)',
      name: 'padding',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 1 },
      default: 5,
      description:
        'Room around the product with Crop to Product or Square Size, in percent of its longer side (0 to 100)',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Put Mask in Field',
      name: 'maskField',
      type: 'string',
      default: 'mask',
      placeholder: 'e.g. mask',
      description: 'The data field of the output item that the mask is put in as well',
      displayOptions: notForMask,
    },
    {
      displayName: 'Quality',
      name: 'quality',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
      default: 90,
      description: 'Quality of a JPEG or WebP picture (1 to 100)',
      displayOptions: notForDesigns,
    },
    {
      displayName: 'Second Pass',
      name: 'secondPass',
      type: 'boolean',
      default: true,
      description:
        'Whether a network looks at the product once more, closer, in photos above 2000 pixels with room around it: a finer edge for twice the time',
    },
    {
      displayName: 'Smooth Mask',
      name: 'smooth',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 50, numberPrecision: 1 },
      default: 0,
      description:
        'Jags, hairs and slits of the mask that are narrower than about twice this go, in pixels of the photo (0 to 50)',
    },
    {
      displayName: 'Square Size',
      name: 'size',
      type: 'number',
      typeOptions: { minValue: 16, maxValue: 8192, numberPrecision: 0 },
      default: 1024,
      description: 'Side of a square picture with the product in its middle, in pixels (16 to 8192)',
      displayOptions: notForScenes,
    },
    {
      displayName: 'Strict Device',
      name: 'strictDevice',
      type: 'boolean',
      default: false,
      description:
        'Whether to let the item fail, rather than use another device, when the chosen one is missing',
    },
    {
      displayName: 'Timeout',
      name: 'timeout',
      type: 'number',
      typeOptions: { minValue: 1, numberPrecision: 0 },
      default: 300,
      description: 'Seconds that one item may take, waiting for its turn included',
    },
  ],
};
