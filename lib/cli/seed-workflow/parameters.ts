import {
  VitrineError,
  callbackParams,
  camelCase,
  invalid,
  nearest,
  parse,
  replaceParams,
} from '../../contracts';
import { type Problem, asParameter, hasExpression } from './expressions';

/** Parameters that the node Background Replace calls otherwise. */
const OTHER_NAMES: Record<string, string> = {
  engine: 'backdrop',
  bgcolor: 'backdropColor',
  negative_prompt: 'negativePrompt',
};

/** Those that stand on the node itself; all others are among its options. */
const OF_NODE = ['preset', 'overrides', 'prompt', 'model', 'marketplace', ...Object.keys(OTHER_NAMES)];

/** Files that the workflow asks for itself, or has no use for. */
const OF_FILES = ['mask_out', 'compare'];

const REPLACE = Object.keys(replaceParams.shape).filter((name) => !OF_FILES.includes(name));
const CALLBACK = Object.keys(callbackParams.shape);

/** What a node `background-replace` may be asked for. */
export const KNOWN_PARAMETERS = ['inputPath', ...CALLBACK, ...REPLACE];

/**
 * The parameters of the node Background Replace that do what those of a seed's node did. Values without variables are
 * checked here, those with variables when the workflow runs.
 * @param where they stand, such as `nodes[0].parameters`
 */
export function nodeParameters(
  given: Record<string, unknown>,
  where: string,
): { parameters: Record<string, unknown>; problems: Problem[] } {
  const parameters: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [written, value] of Object.entries(given)) {
    const name = KNOWN_PARAMETERS.find((known) => known === written || camelCase(known) === written);
    if (name === undefined) {
      const [close] = nearest(written, KNOWN_PARAMETERS);
      problems.push({
        where: `${where}.${written}`,
        what: `no such parameter is known; ${close} is nearest`,
      });
      continue;
    }
    try {
      const into = REPLACE.includes(name) && !OF_NODE.includes(name) ? options : parameters;
      into[OTHER_NAMES[name] ?? camelCase(name)] = asParameter(checked(name, value));
    } catch (error) {
      if (!(error instanceof VitrineError)) throw error;
      problems.push({ where: `${where}.${written}`, what: error.message });
    }
  }
  if (!problems.length && !String(parameters.inputPath ?? '').trim()) {
    problems.push({ where, what: 'inputPath is missing, the path or address of the photo' });
  }
  return { parameters: { ...parameters, options }, problems };
}

/** @throws VitrineError INVALID_PARAMETER */
function checked(name: string, value: unknown): unknown {
  if (hasExpression(value) || value === null) return value ?? undefined;
  if (name === 'inputPath') {
    if (typeof value === 'string') return value;
    throw invalid(name, 'a path or an address', value);
  }
  if (CALLBACK.includes(name)) return parse(callbackParams, { [name]: value })[name as never];
  return parse(replaceParams, { [name]: value })[name as never];
}
