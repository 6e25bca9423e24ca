/**
 * Reads `[[path, specifier], …]` on stdin; prints what the lint rules say about each such import, and the floors that
 * they are made from.
 */
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import { FLOORS } from '../../eslint.config.mjs';

const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === 'import-x/no-restricted-paths' || ruleId === 'no-restricted-imports',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});
const crossings = [];
for (const [filePath, specifier] of JSON.parse(await text(process.stdin))) {
  const [{ messages }] = await eslint.lintText(
    `import * as other from '${specifier}';\nexport default other;\n`,
    { filePath },
  );
  crossings.push(messages.map(({ message }) => message));
}
process.stdout.write(JSON.stringify({ crossings, floors: FLOORS }));
