import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../lib/contracts';

/** Lint forgets imports of types when it looks for circles; here they count: two files that need each other are one. */
const files = ['lib', 'nodes', 'credentials', 'bench', 'test']
  .flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(packageRoot, folder, name),
    ),
  )
  .filter((file) => file.endsWith('.ts'));

/** The files of ours that a file imports, exports from, or loads when it is needed. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => join(dirname(file), fileName.replace(/\.js$/, '')))
    .flatMap((path) => [`${path}.ts`, join(path, 'index.ts')].filter(existsSync).slice(0, 1));
}

/** The circles of a graph, each as the way around it; every one that shares no edge with those before. */
function circles(graph: Map<string, string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (node: string) => {
    const start = way.indexOf(node);
    if (start >= 0) found.push([...way.slice(start), node]);
    if (start >= 0 || done.has(node)) return;
    way.push(node);
    graph.get(node)?.forEach(visit);
    way.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return found;
}

test('finds circles, and takes no fork for one', () => {
  const graph = { a: ['b', 'c'], b: ['d'], c: ['d', 'e'], d: [], e: ['c'], f: ['f'] };
  expect(circles(new Map(Object.entries(graph)))).toEqual([
    ['c', 'e', 'c'],
    ['f', 'f'],
  ]);
});

test('sees imports of types', () => {
  const imports = importsOf(join(packageRoot, 'nodes/common/run-items.ts'));
  expect(imports).toContain(join(packageRoot, 'nodes/common/operation.ts'));
});

test('no file imports itself, by whatever way', () => {
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  expect(graph.size).toBeGreaterThan(200);
  const named = circles(graph).map((circle) => circle.map((file) => relative(packageRoot, file)).join(' > '));
  expect(named).toEqual([]);
});
