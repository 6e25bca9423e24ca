import type { INodeProperties } from 'n8n-workflow';
import { parametersOf, parse, removeParams } from '../../lib/contracts';
import { removeCommand } from '../../lib/cli/remove';
import { RemoveBackground } from '../../nodes/RemoveBackground/RemoveBackground.node';

/** A cutout's parameters at the doors for people: none is forgotten, and what is not set means what is shown. */
type Name = keyof typeof removeParams.shape;
const names = Object.keys(removeParams.shape) as Name[];
const { properties } = new RemoveBackground().description;
const options = properties.find(({ name }) => name === 'options')!.options as INodeProperties[];

/** Parameters that the node asks for in another way or by another name. */
const ELSEWHERE: Name[] = ['mode', 'model', 'enhance_fg', 'bgcolor', 'mask'];

const given = (doors: string[]) =>
  Object.keys(parametersOf(removeParams, Object.fromEntries(doors.map((name) => [name, true]))));

test('the terminal has an option for each', () => {
  expect(given(removeCommand().options.map((option) => option.attributeName()))).toEqual(names);
});

test('the node has an option for each, a few apart', () => {
  const expected = names.filter((name) => !ELSEWHERE.includes(name));
  expect(given(options.map(({ name }) => name))).toEqual(expected);
});

test('the default that the node shows is what it sends when the option is not set', () => {
  const standard = parse(removeParams, {});
  const shown = parametersOf(
    removeParams,
    Object.fromEntries(options.map((option) => [option.name, option.default])),
  );
  const set = Object.entries(shown).filter(([name]) => standard[name as Name] !== undefined);
  expect(set.length).toBeGreaterThan(15);
  expect(parse(removeParams, Object.fromEntries(set))).toEqual(standard);
});
