import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { CONFIG_VARIABLES, loadConfig, packageRoot } from '../../lib/contracts';

/** The settings are written down in three places: the code, the table of the docs, and the file to copy. */
const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const example = read('.env.example');
const uncommented = example.replace(/^# (?=[A-Z_]+=)/gm, '');

/** Read by Node or by the tests, not by us. */
const ELSEWHERE = ['NODE_EXTRA_CA_CERTS', 'VITRINE_TEST_DATA'];

test('the table has every setting', () => {
  const cells = read('docs/configuration.md').matchAll(/^\| (`.+?`) +\|/gm);
  const names = [...cells].flatMap(([, cell]) => cell.match(/[A-Z][A-Z0-9_]+(?=`)/g) ?? []);
  expect(names.sort()).toEqual([...CONFIG_VARIABLES, ...ELSEWHERE].sort());
});

test('.env.example has every setting, once', () => {
  const names = [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...CONFIG_VARIABLES, ...ELSEWHERE].sort());
});

test('the configuration reads no variable that is not among them', () => {
  const asked = new Set<string>();
  const spy = new Proxy<Record<string, string | undefined>>(
    {},
    { get: (_, name) => void asked.add(String(name)) },
  );
  loadConfig(spy);
  expect(CONFIG_VARIABLES).toEqual(expect.arrayContaining([...asked]));
  // The three for proxies are read by the HTTP library.
  expect(asked.size).toBe(CONFIG_VARIABLES.length - 3);
});

test.each([
  ['as it is', example],
  ['with every line uncommented', uncommented],
])('.env.example %s changes nothing', (_, text) => {
  const read = (env: Record<string, string | undefined>) => {
    const config = loadConfig(env);
    return { ...config, secrets: config.secrets.reveal() };
  };
  expect(read(parseEnv(text))).toEqual(read({}));
});
