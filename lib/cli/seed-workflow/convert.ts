import { VitrineError } from '../../contracts';
import { type Replacement, buildWorkflow } from './build';
import { type Problem, unknownExpressions } from './expressions';
import { KNOWN_PARAMETERS, nodeParameters } from './parameters';
import type { N8nWorkflow } from './types';

/** The one type of node that the seed's orchestrator had. */
const TYPE = 'background-replace';

/**
 * The workflow of n8n that does what a workflow of the seed's orchestrator did.
 * @param file its name, for errors
 * @throws VitrineError INVALID_PARAMETER naming all that is not known, with the place of each
 */
export function convertWorkflow(seed: Record<string, unknown>, file: string): N8nWorkflow {
  const { name, nodes, ...others } = seed;
  const problems: Problem[] = [
    ...unknownFields(others, ''),
    ...(isText(name) ? [] : [{ where: 'name', what: 'the name of the workflow is missing' }]),
    ...(Array.isArray(nodes) && nodes.length ? [] : [{ where: 'nodes', what: 'a list of nodes is missing' }]),
  ];
  const steps = (Array.isArray(nodes) ? nodes : []).map((node: unknown, index) => {
    const read = readNode(node, `nodes[${index}]`);
    problems.push(...read.problems);
    return read.step;
  });
  if (problems.length) throw unknown(file, problems);
  return buildWorkflow((name as string).trim(), steps);
}

function readNode(node: unknown, where: string): { step: Replacement; problems: Problem[] } {
  if (!isObject(node)) return failed(where, 'expected an object with type and parameters');
  const { type, parameters = {}, ...others } = node;
  const problems = unknownFields(others, `${where}.`);
  if (type !== TYPE) {
    const given =
      type === undefined ? 'the type is missing' : `the type ${JSON.stringify(type)} is not known`;
    return failed(`${where}.type`, `${given}, only ${TYPE} is`, problems);
  }
  const place = `${where}.parameters`;
  if (!isObject(parameters)) return failed(place, 'expected an object', problems);
  const read = nodeParameters(parameters, place);
  problems.push(...read.problems, ...unknownExpressions(parameters, place));
  return { step: { given: parameters, parameters: read.parameters }, problems };
}

function failed(where: string, what: string, others: Problem[] = []) {
  return { step: { given: {}, parameters: {} }, problems: [...others, { where, what }] };
}

function unknownFields(fields: object, prefix: string): Problem[] {
  return Object.keys(fields).map((name) => ({ where: `${prefix}${name}`, what: 'no such field is known' }));
}

function unknown(file: string, problems: Problem[]): VitrineError {
  return new VitrineError({
    code: 'INVALID_PARAMETER',
    message: `${file} cannot be converted: ${problems.map(({ where, what }) => `${where}: ${what}`).join('; ')}`,
    hint: `Correct the file. A node has a type, ${TYPE}, and parameters: ${KNOWN_PARAMETERS.join(', ')}.`,
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
