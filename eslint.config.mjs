import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

/**
 * The house from the ground up (see CONTRIBUTING.md): a room may import from floors below its own only. A room that is
 * not listed fails test/lint.
 */
export const FLOORS = [
  ['contracts', 'kernels'],
  ['image', 'runtime'],
  ['models', 'providers'],
  ['matting', 'backdrops', 'diffusion', 'tracking', 'augmentation', 'video'],
  ['pipelines'],
  ['engine'],
  ['cli'],
];

/** For each room: every room of its own floor or above is out of reach. */
const borders = FLOORS.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    target: `./lib/${room}`,
    from: [
      ...FLOORS.slice(floor)
        .flat()
        .filter((other) => other !== room)
        .map((other) => `./lib/${other}`),
      './nodes',
      './credentials',
    ],
    message: 'Imports go down the floors only; see CONTRIBUTING.md.',
  })),
);

/** Further doors of the engine: clients and the terminal's jobs need not load the server. */
const ENGINE_DOORS = ['client', 'server'].map((part) => `**/engine/${part}/index.ts`);

/** A room's index.ts is its only door, the engine's apart. */
const doors = FLOORS.flat().map((room) => ({
  target: [`./lib/!(${room})/**`, './nodes/**', './credentials/**'],
  from: `./lib/${room}/**`,
  except: [`**/${room}/index.ts`, ...(room === 'engine' ? ENGINE_DOORS : [])],
  message: `Enter lib/${room} through its index.ts.`,
}));

/** Nodes are thin: contracts and the engine's client, nothing else of ours. */
const thinNodes = {
  target: ['./nodes/**', './credentials/**'],
  from: './lib/**',
  except: ['**/lib/contracts/index.ts', '**/lib/engine/client/index.ts'],
  message: 'Nodes import lib/contracts and lib/engine/client only.',
};

/** The client runs inside n8n: nothing of the engine's server or workers may come along. */
const lightClient = {
  target: './lib/engine/client',
  from: './lib',
  except: ['./contracts', './engine/client'],
  message: 'The client runs inside n8n and imports lib/contracts only.',
};

/** Rules of the older plugin that contradict today's n8n or hold for its own repository only. */
const SUPERSEDED = {
  'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
  'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
  'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
};

export default tseslint.config(
  // kernels/ is AssemblyScript, which only looks like TypeScript.
  {
    ignores: [
      'dist/',
      'cloud/dist/',
      '.bench/',
      'demo/',
      'node_modules/',
      '.e2e/',
      'coverage/',
      'test/failures/',
      'kernels/',
    ],
  },
  { files: ['**/*.{ts,js,mjs}'], extends: [tseslint.configs.recommended] },
  // The few plain scripts are CommonJS: they run before anything is compiled.
  { files: ['**/*.js'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // It overlooks imports of types, which test/lint/circles.test.ts sees.
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['lib/**/*.ts', 'nodes/**/*.ts', 'credentials/**/*.ts'],
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: [...borders, ...doors, thinNodes, lightClient] }],
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'lib/contracts/**/*.ts', 'lib/engine/client/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['sharp', 'onnxruntime-node'].map((name) => ({
            name,
            message: 'Nothing native inside n8n.',
          })),
        },
      ],
    },
  },
  {
    files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'package.json'],
    extends: [n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport],
    languageOptions: { parser: tseslint.parser },
    rules: {
      // Pictures need native code, so this pack has dependencies and is for self-hosted n8n only.
      '@n8n/community-nodes/no-runtime-dependencies': 'off',
      // Set once the project has a public address.
      '@n8n/community-nodes/require-homepage': 'off',
      '@n8n/community-nodes/valid-author': 'off',
    },
  },
  ...['nodes', 'credentials'].map((kind) => ({
    files: [`${kind}/**/*.ts`],
    plugins: { 'n8n-nodes-base': n8nNodesBase },
    rules: { ...n8nNodesBase.configs[kind].rules, ...SUPERSEDED },
  })),
);
