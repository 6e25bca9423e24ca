/**
 * What workflows that people have saved rely on: `npm run contract` compares the nodes and credentials of the build with
 * those of the last release, which contract.json holds; with `-- --write` it makes that file anew, at a release.
 */
const fs = require('node:fs');
const path = require('node:path');

const FILE = path.join(__dirname, 'contract.json');

/**
 * @param {object[]} nodes node types, those with several versions too
 * @param {object[]} credentials credential types
 * @returns {{ nodes: Record<string, Record<string, object>>, credentials: Record<string, object> }} by name; nodes by version as well
 */
function contractOf(nodes, credentials) {
  return {
    nodes: Object.fromEntries(nodes.map((node) => [node.description.name, versionsOf(node)])),
    credentials: Object.fromEntries(
      credentials.map(({ name, properties }) => [name, { parameters: parametersOf(properties) }]),
    ),
  };
}

function versionsOf(node) {
  const described = node.nodeVersions
    ? Object.entries(node.nodeVersions).map(([version, { description }]) => [version, description])
    : [node.description.version].flat().map((version) => [version, node.description]);
  return Object.fromEntries(
    described.map(([version, { usableAsTool = false, credentials = [], properties }]) => {
      const at = atVersion(Number(version));
      const named = credentials.filter(at).map(({ name, required = false, displayOptions }) => {
        return [name, { required, ...shownWhen(displayOptions) }];
      });
      const parameters = parametersOf(properties.filter(at));
      return [
        version,
        { usableAsTool: Boolean(usableAsTool), credentials: Object.fromEntries(named), parameters },
      ];
    }),
  );
}

/** Whether something is part of a version, by n8n's condition `@version`. */
const atVersion =
  (version) =>
  ({ displayOptions: { show = {}, hide = {} } = {} }) =>
    (show['@version'] ?? [version]).includes(version) && !(hide['@version'] ?? []).includes(version);

/** Parameters by their names, those inside of others as `options.size`. */
function parametersOf(properties, prefix = '') {
  const found = {};
  for (const property of properties) {
    const { name, type, required = false, options } = property;
    const values = options?.filter((option) => 'value' in option).map(({ value }) => value);
    // Of two parameters of one name, each is shown where the other is not.
    const key = [prefix + name, 2, 3, 4, 5, 6].reduce((free, next) =>
      free in found ? `${prefix}${name} (${next})` : free,
    );
    found[key] = {
      ...{ type, default: property.default },
      ...(required && { required }),
      ...(values?.length && { options: values }),
      ...shownWhen(property.displayOptions),
    };
    const inner = options?.flatMap((option) => option.values ?? (option.type ? [option] : [])) ?? [];
    Object.assign(found, parametersOf(inner, `${prefix}${name}.`));
  }
  return found;
}

function shownWhen(displayOptions) {
  const sides = ['show', 'hide'].map((side) => {
    const conditions = Object.entries(displayOptions?.[side] ?? {}).filter(([name]) => name !== '@version');
    return [side, Object.fromEntries(conditions)];
  });
  return Object.fromEntries(sides.filter(([, conditions]) => Object.keys(conditions).length));
}

/**
 * What of the last release is gone or means something else now; what was added is not among it.
 * @returns {string[]} a sentence each
 */
function broken(released, now) {
  const nodes = everyPair('node', released.nodes, now.nodes, (name, was, is) =>
    everyPair(`${name}: version`, was, is, (version, before, after) => {
      const place = `${name} ${version}`;
      const tool =
        before.usableAsTool && !after.usableAsTool ? [`${place}: is no tool of agents any more`] : [];
      const credentials = everyPair(
        `${place}: credential`,
        before.credentials,
        after.credentials,
        (key, a, b) => narrowed(`${place}: credential ${key}`, a, b, before.parameters),
      );
      return [...tool, ...credentials, ...changed(place, before.parameters, after.parameters)];
    }),
  );
  const credentials = everyPair('credential', released.credentials, now.credentials, (name, was, is) =>
    changed(name, was.parameters, is.parameters),
  );
  return [...nodes, ...credentials];
}

function changed(place, before, after) {
  return everyPair(`${place}: parameter`, before, after, (name, was, is) => {
    const here = `${place}: ${name}`;
    const said = (what) => `${here}: the ${what} was ${show(was[what])} and is ${show(is[what])}`;
    const lost = (was.options ?? []).filter((value) => !(is.options ?? []).includes(value));
    return [
      ...['type', 'default'].filter((what) => show(was[what]) !== show(is[what])).map(said),
      ...lost.map((value) => `${here}: the option ${show(value)} is gone`),
      ...narrowed(here, was, is, before),
    ];
  });
}

/** What must be given now and had not to, and what is no longer shown where it was. */
function narrowed(here, was, is, parameters) {
  const known = (name, values) => {
    const options = parameters[name.replace(/^\//, '')]?.options;
    return values.filter((value) => !options || options.includes(value));
  };
  const within = (few, many) => few.every((value) => many.some((other) => show(other) === show(value)));
  const shown = Object.entries(is.show ?? {}).filter(
    ([name, values]) => !within(was.show?.[name] ?? [null], values),
  );
  const hidden = Object.entries(is.hide ?? {}).filter(
    ([name, values]) => !within(known(name, values), was.hide?.[name] ?? []),
  );
  return [
    ...(is.required && !was.required ? [`${here}: is required now`] : []),
    ...shown.map(([name, values]) => `${here}: is only shown now where ${name} is one of ${show(values)}`),
    ...hidden.map(([name, values]) => `${here}: is hidden now where ${name} is one of ${show(values)}`),
  ];
}

function everyPair(what, before, after, compare) {
  return Object.entries(before).flatMap(([name, was]) =>
    name in after ? compare(name, was, after[name]) : [`${what} ${name} is gone`],
  );
}

function show(value) {
  return JSON.stringify(value);
}

/** The contract of the last release. */
function readReleased() {
  return JSON.parse(fs.readFileSync(FILE, 'utf8'));
}

function main(write) {
  const root = path.join(__dirname, '../..');
  const { n8n } = require(path.join(root, 'package.json'));
  const open = (file) => new (Object.values(require(path.join(root, file)))[0])();
  const now = contractOf(n8n.nodes.map(open), n8n.credentials.map(open));
  if (write) {
    fs.writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`);
    return 0;
  }
  const sentences = broken(readReleased(), now);
  if (!sentences.length) {
    console.log('Workflows that were saved with the last release keep working');
    return 0;
  }
  for (const sentence of sentences) console.error(sentence);
  console.error(
    'Saved workflows would break: leave it as it was, or make a new version of the node beside the old one.',
  );
  return 1;
}

module.exports = { broken, contractOf, readReleased };
if (require.main === module) process.exitCode = main(process.argv.includes('--write'));
