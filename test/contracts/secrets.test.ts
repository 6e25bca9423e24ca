import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import pino from 'pino';
import { Secrets, secretsSchema, takeSecrets } from '../../lib/contracts';

const KEY = 'AIza-very-secret';
const secrets = new Secrets({ gemini_api_key: ` ${KEY}\n` });

test('gives its values, without blanks around them, to whoever asks for them', () => {
  expect(secrets.reveal()).toEqual({ gemini_api_key: KEY });
});

test.each([{}, { gemini_api_key: '  ' }, { gemini_api_key: null }])('%j is none', (values) => {
  expect(new Secrets(values).reveal()).toEqual({});
});

test('shows nothing by accident', () => {
  let logged = '';
  pino({}, { write: (line: string) => (logged += line) }).info({ secrets, job: { secrets } }, 'job');
  const shown = [
    logged,
    JSON.stringify({ secrets }),
    JSON.stringify({ ...secrets }),
    inspect({ secrets }, { depth: 20, showHidden: true }),
    inspect({ ...secrets }, { depth: 20, showHidden: true }),
    `${secrets} ${new Error(String(secrets)).message}`,
  ];
  expect(shown.join()).not.toContain(KEY);
  expect(logged).toContain('"secrets":"[hidden]"');
});

test('cannot be posted to a worker, alone or in a job', () => {
  for (const message of [secrets, { job: { secrets } }, { ...secrets }]) {
    expect(() => structuredClone(message)).toThrow('could not be cloned');
    expect(() => serialize(message)).toThrow('could not be cloned');
  }
});

test('a request is parted from them', () => {
  const taken = takeSecrets({ id: 1, secrets: { gemini_api_key: KEY } }, ['gemini_api_key']);
  expect(taken.request).toEqual({ id: 1 });
  expect(taken.secrets.reveal()).toEqual({ gemini_api_key: KEY });
  expect(takeSecrets({ id: 1, secrets: null }, []).secrets.reveal()).toEqual({});
});

test.each([
  KEY,
  [KEY],
  { gemini_api_key: [KEY] },
  { gemini_api_key: 1 },
  { [KEY]: KEY },
  { gemini_api_key: KEY, [KEY]: 'x' },
])('%# what is wrong is never quoted', (wrong) => {
  const take = () => takeSecrets({ secrets: wrong }, ['gemini_api_key']);
  expect(take).toThrow('Expected secrets to be an object with gemini_api_key, a text');
  expect(take).not.toThrow(KEY);
});

test('a job without use for them takes none', () => {
  const take = () => takeSecrets({ secrets: { gemini_api_key: KEY } }, []);
  expect(take).toThrow('Expected secrets to be left out');
  expect(take).not.toThrow(KEY);
});

test('the API describes those of a job', () => {
  expect(secretsSchema(['gemini_api_key']).properties).toEqual({
    gemini_api_key: {
      type: 'string',
      format: 'password',
      description: expect.stringMatching(/GEMINI_API_KEY/),
    },
  });
});
