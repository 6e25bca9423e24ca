/** Lints a folder as n8n's scanner does what is published: prints what it has to say, as JSON. */
import { ESLint } from 'eslint';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import tseslint from 'typescript-eslint';

const eslint = new ESLint({
  cwd: process.argv[2],
  overrideConfigFile: true,
  overrideConfig: [
    { linterOptions: { reportUnusedDisableDirectives: 'off' } },
    {
      files: ['**/*.js', 'package.json'],
      ...n8nCommunityNodesPlugin.configs.recommended,
      languageOptions: { parser: tseslint.parser },
    },
  ],
});
const results = await eslint.lintFiles(['package.json', 'dist/**/*.js']);
process.stdout.write(
  JSON.stringify(
    results.flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId, message, line }) => ({
        file: filePath.slice(process.argv[2].length + 1),
        ruleId,
        message,
        line,
      })),
    ),
  ),
);
