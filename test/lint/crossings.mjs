/** Reads `[[path, specifier], …]` on stdin and prints what the lint rules say about each such import. */
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === 'import-x/no-restricted-paths' || ruleId === 'no-restricted-imports',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});
const answers = [];
for (const [filePath, specifier] of JSON.parse(await text(process.stdin))) {
  const [{ messages }] = await eslint.lintText(
    `import * as other from '${specifier}';\nexport default other;\n`,
    { filePath },
  );
  answers.push(messages.map(({ message }) => message));
}
process.stdout.write(JSON.stringify(answers));
