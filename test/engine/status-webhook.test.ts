import { Webhook } from 'standardwebhooks';
import { type Config, Secrets, VitrineError, loadConfig } from '../../lib/contracts';
import { type StatusTarget, withStatusWebhook } from '../../lib/engine/jobs/status-webhook';
import { type Receiver, answer, startReceiver } from '../support/receiver';

/** What receivers are told of a job's state, and in which order. */
const SECRET = 'a secret of 32 characters or so!';
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.script = [answer(200)];
});

const configWith = (env: Record<string, string> = {}): Config =>
  loadConfig({ CALLBACK_URL: receiver.url, ...env });

const target = (changes: Partial<StatusTarget> = {}): StatusTarget => ({
  ...{ type: 'video_processing', jobId: 'job-1', secrets: new Secrets({ webhook_secret: SECRET }) },
  config: configWith(),
  pauses: [0.05, 0.05],
  timeoutSeconds: 5,
  ...changes,
});

const RESULT = { status: 'success', frame_count: 177 };
/** Work that takes until the receiver has been told that it began. */
const work = async () => {
  while (!receiver.received.length) await new Promise((resolve) => setTimeout(resolve, 10));
  return RESULT;
};
const told = () => receiver.received.map(({ json }) => json);
const paths = () => receiver.received.map(({ path }) => path);

test('the seed’s payload, signed: processing, then completed with the result', async () => {
  expect(await withStatusWebhook(target(), work)).toEqual({ result: RESULT, warnings: [] });
  expect(told()).toEqual([
    { job_id: 'job-1', type: 'video_processing', status: 'processing' },
    { job_id: 'job-1', type: 'video_processing', status: 'completed', result: RESULT },
  ]);
  expect(paths()).toEqual(['/api/v1/webhooks/runpod', '/api/v1/webhooks/runpod']);
  const webhook = new Webhook(SECRET, { format: 'raw' });
  const [first, second] = receiver.received.map(({ body, headers }) => {
    expect(webhook.verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    return headers['webhook-id'];
  });
  expect(first).not.toBe(second);
});

test('an augmentation that failed: why, and the job fails as it did', async () => {
  const error = new VitrineError({
    code: 'NOT_FOUND',
    message: 'There is no dataset x',
    hint: 'Correct it.',
  });
  const failing = () => work().then(() => Promise.reject(error));
  await expect(withStatusWebhook(target({ type: 'augmentation', jobId: 7 }), failing)).rejects.toBe(error);
  expect(told()[1]).toEqual({
    ...{ job_id: 7, type: 'augmentation', status: 'failed' },
    error: 'There is no dataset x',
  });
});

test('a defect is told without its own words', async () => {
  const failing = () => work().then(() => Promise.reject(new Error('/home/secret of somebody')));
  await expect(withStatusWebhook(target(), failing)).rejects.toThrow('secret of somebody');
  expect(told()[1].error).toBe('Something unexpected happened inside Vitrine');
});

test('the job’s own address wins; slashes at its end are one', async () => {
  const config = configWith({ CALLBACK_URL: 'http://127.0.0.1:1', VITRINE_ALLOW_HOSTS: '127.0.0.1' });
  await withStatusWebhook(target({ config, callbackUrl: `${receiver.url}/base//?shop=7` }), work);
  expect(paths()[0]).toBe('/base/api/v1/webhooks/runpod?shop=7');
});

test.each([
  ['without a job_id', () => target({ jobId: undefined })],
  ['with a blank job_id', () => target({ jobId: '' })],
  ['without an address', () => target({ config: loadConfig({}) })],
])('%s nobody is told', async (_, asked) => {
  expect(await withStatusWebhook(asked(), async () => RESULT)).toEqual({ result: RESULT, warnings: [] });
  expect(receiver.received).toEqual([]);
});

test('every attempt says the same under the same id', async () => {
  receiver.script = [answer(200), answer(503), answer(500), answer(200)];
  expect((await withStatusWebhook(target(), work)).warnings).toEqual([]);
  const [, ...attempts] = receiver.received;
  expect(attempts).toHaveLength(3);
  expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
  expect(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('processing never comes after completed: what waits to be tried again is given up', async () => {
  receiver.script = [answer(503), answer(200)];
  const { warnings } = await withStatusWebhook(target({ pauses: [3] }), work);
  expect(warnings).toEqual([]);
  expect(told().map(({ status }) => status)).toEqual(['processing', 'completed']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(receiver.received).toHaveLength(2);
});

test('a dead receiver costs the job a warning', async () => {
  const config = configWith({ CALLBACK_URL: 'http://127.0.0.1:1?token=very-secret' });
  const { result, warnings } = await withStatusWebhook(target({ config }), async () => RESULT);
  expect(result).toBe(RESULT);
  expect(warnings).toEqual([
    expect.stringMatching(/was not told that the job is completed: it refuses connections/),
  ]);
  expect(warnings.join()).not.toContain('very-secret');
});

test('an address inside is told only where it is allowed, and only the settings’ own is by itself', async () => {
  const own = { callbackUrl: receiver.url, config: loadConfig({}) };
  const { warnings } = await withStatusWebhook(target(own), async () => RESULT);
  expect(warnings).toEqual([expect.stringContaining('not a public address')]);
  expect(receiver.received).toEqual([]);
});

test('unsigned, with a warning, where there is no secret; with that of the engine where the job brings none', async () => {
  const { warnings } = await withStatusWebhook(target({ secrets: new Secrets() }), work);
  expect(warnings).toEqual([expect.stringContaining('not signed')]);
  expect(receiver.received[0].headers['webhook-signature']).toBeUndefined();

  receiver.received.length = 0;
  const config = configWith({ APP_WEBHOOK_SECRET: SECRET });
  await withStatusWebhook(target({ secrets: new Secrets(), config }), work);
  const [{ body, headers }] = receiver.received;
  expect(() =>
    new Webhook(SECRET, { format: 'raw' }).verify(body, headers as Record<string, string>),
  ).not.toThrow();
});
