import type { INodeProperties, INodeType } from 'n8n-workflow';
import { parametersOf, parse, removeParams, replaceParams } from '../../lib/contracts';
import { removeCommand } from '../../lib/cli/remove';
import { BackgroundReplace } from '../../nodes/BackgroundReplace/BackgroundReplace.node';
import { RemoveBackground } from '../../nodes/RemoveBackground/RemoveBackground.node';

/** A job's parameters at the doors for people: none is forgotten, and what is not set means what is shown. */
const given = (schema: typeof removeParams | typeof replaceParams, doors: string[]) =>
  Object.keys(parametersOf(schema, Object.fromEntries(doors.map((name) => [name, true]))));

const optionsOf = (node: INodeType) =>
  node.description.properties.find(({ name }) => name === 'options')!.options as INodeProperties[];

test('the terminal has an option for each of a cutout', () => {
  const doors = removeCommand().options.map((option) => option.attributeName());
  expect(given(removeParams, doors)).toEqual(Object.keys(removeParams.shape));
});

/** Each node with the parameters of its job that it asks for in another way or by another name. */
describe.each([
  [
    'Remove Background',
    new RemoveBackground(),
    removeParams,
    ['mode', 'model', 'enhance_fg', 'bgcolor', 'mask'],
  ],
  [
    'Background Replace',
    new BackgroundReplace(),
    replaceParams,
    [
      ...['engine', 'preset', 'marketplace', 'bgcolor', 'prompt', 'negative_prompt', 'overrides', 'model'],
      ...['mask_out', 'compare'],
    ],
  ],
] as const)('%s', (_, node, schema, elsewhere) => {
  const options = optionsOf(node);

  it('has an option for each, a few apart', () => {
    const expected = Object.keys(schema.shape).filter(
      (name) => !(elsewhere as readonly string[]).includes(name),
    );
    expect(
      given(
        schema,
        options.map(({ name }) => name),
      ),
    ).toEqual(expected);
  });

  it('sends the default that it shows when the option is not set', () => {
    const standard = parse(schema, {}) as Record<string, unknown>;
    const shown = parametersOf(
      schema,
      Object.fromEntries(options.map((option) => [option.name, option.default])),
    );
    const set = Object.entries(shown).filter(([name]) => standard[name] !== undefined);
    expect(set.length).toBeGreaterThan(8);
    expect(parse(schema, Object.fromEntries(set))).toEqual(standard);
  });
});
