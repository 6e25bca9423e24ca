import { createHmac } from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { cancelled } from '../../lib/contracts';
import { type CallbackOptions, deliverCallback, signer } from '../../lib/providers';
import { type Receiver, answer, recorder, startReceiver } from '../support/receiver';
import { listen } from '../support/web';

/** Callbacks as their receivers see them, checked with the library that receivers use. */
const RAW = 'a secret of 32 characters or so!';
const WHSEC = `whsec_${Buffer.from('twenty-four bytes of key').toString('base64')}`;
const body = Buffer.from(
  JSON.stringify({ event: 'background.job.succeeded', jobId: 'job-1', name: 'Größe 🏺' }),
);
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.script = [answer(200)];
});
afterEach(() => jest.restoreAllMocks());

const options = (changes: Partial<CallbackOptions> = {}): CallbackOptions => ({
  allowHosts: ['127.0.0.1'],
  signal: new AbortController().signal,
  hurry: new AbortController().signal,
  pauses: [0.05, 0.05, 0.05],
  timeoutSeconds: 5,
  ...changes,
});

const deliver = (
  changes: Partial<CallbackOptions> = {},
  url = `${receiver.url}/hook?token=x`,
  secret = RAW,
) => deliverCallback({ url, id: 'job-1', body, sign: signer(secret, 'secret') }, options(changes));

const headersOf = (index = 0) => receiver.received[index].headers as Record<string, string>;

describe.each([
  ['a text', RAW, new Webhook(RAW, { format: 'raw' }), Buffer.from(RAW)],
  ['whsec_…', WHSEC, new Webhook(WHSEC), Buffer.from('twenty-four bytes of key')],
])('signed with %s', (_, secret, webhook, key) => {
  test('what arrives is what was signed, and nothing of it can be changed', async () => {
    expect(await deliver({}, undefined, secret)).toEqual({ delivered: true });
    const [{ body: arrived, headers }] = receiver.received;
    expect(arrived).toBe(body.toString());
    expect(headers['content-type']).toBe('application/json');
    expect(webhook.verify(arrived, headersOf())).toEqual(JSON.parse(arrived));
    const plain = createHmac('sha256', key).update(arrived).digest('hex');
    expect(headers['x-vitrine-signature']).toBe(`sha256=${plain}`);

    const changed = (changes: Record<string, string>) => () =>
      webhook.verify(arrived, { ...headersOf(), ...changes });
    expect(() => webhook.verify(arrived.replace('job-1', 'job-2'), headersOf())).toThrow(
      'No matching signature',
    );
    expect(changed({ 'webhook-id': 'job-2' })).toThrow('No matching signature');
    const second = Number(headers['webhook-timestamp']) + 1;
    expect(changed({ 'webhook-timestamp': String(second) })).toThrow('No matching signature');
    expect(changed({ 'webhook-timestamp': String(second - 400) })).toThrow('too old');
    const other = new Webhook('another secret of thirty-two ch.', { format: 'raw' });
    expect(() => other.verify(arrived, headersOf())).toThrow('No matching signature');
  });
});

test('without a secret nothing is signed, and the id is there all the same', async () => {
  await deliverCallback({ url: receiver.url, id: 'job-1', body }, options());
  expect(headersOf()).toMatchObject({ 'webhook-id': 'job-1', 'webhook-timestamp': expect.any(String) });
  expect(Object.keys(headersOf()).join()).not.toContain('signature');
});

test.each(['whsec_', 'whsec_not base64!', 'Schlüssel', 'two\nlines'])(
  '%j is no secret, and is not shown',
  (secret) => {
    expect(() => signer(secret, 'APP_WEBHOOK_SECRET')).toThrow(
      expect.objectContaining({
        code: 'INVALID_PARAMETER',
        message: expect.stringMatching(
          /^Expected APP_WEBHOOK_SECRET to be whsec_ and base64, or .* but received/,
        ),
      }),
    );
    expect(() => signer(secret, 'APP_WEBHOOK_SECRET')).not.toThrow(secret === 'whsec_' ? '"whsec_"' : secret);
  },
);

describe('what may pass is tried again, with the same id and body and a new timestamp', () => {
  test.each([500, 503, 501, 429, 408])('%i', async (status) => {
    receiver.script = [answer(status), answer(status), answer(204)];
    const attempts: number[] = [];
    expect(await deliver({ onAttempt: (attempt) => attempts.push(attempt) })).toEqual({ delivered: true });
    expect(attempts).toEqual([1, 2, 3]);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(3).fill('job-1'));
    expect(new Set(receiver.received.map((each) => each.body)).size).toBe(1);
    const webhook = new Webhook(RAW, { format: 'raw' });
    for (const [index, each] of receiver.received.entries()) webhook.verify(each.body, headersOf(index));
  });

  test('each attempt is signed anew', async () => {
    receiver.script = [answer(500, { 'retry-after': '1' }), answer(200)];
    await deliver();
    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    const signatures = new Set(receiver.received.map(({ headers }) => headers['webhook-signature']));
    expect([times[1] > times[0], signatures.size]).toEqual([true, 2]);
  });

  test('refused connections, until somebody listens', async () => {
    const server = createServer(recorder(receiver)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const attempts: number[] = [];
    const done = deliver(
      {
        pauses: Array(50).fill(0.05),
        onAttempt: (attempt) => {
          attempts.push(attempt);
          if (attempt === 3) server.listen(port, '127.0.0.1');
        },
      },
      `http://127.0.0.1:${port}/`,
    );
    expect(await done).toEqual({ delivered: true });
    server.closeAllConnections();
    server.close();
    expect(attempts.length).toBeGreaterThanOrEqual(3);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['job-1']);
  });

  test('a receiver that is too slow', async () => {
    receiver.script = [() => undefined, answer(200)];
    expect(await deliver({ timeoutSeconds: 0.3 })).toEqual({ delivered: true });
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['job-1', 'job-1']);
  });

  test('a connection that breaks', async () => {
    receiver.script = [(response) => response.destroy(), answer(200)];
    expect(await deliver()).toEqual({ delivered: true });
  });
});

test.each([
  ['it answered 404', answer(404), 1],
  ['it answered 302 and points elsewhere, where callbacks do not go', answer(302, { location: '/y' }), 1],
  ['it answered 500', answer(500), 4],
  ['it answered 429', answer(429, { 'retry-after': '4000' }), 1],
  ['it did not answer within 0.2 s', () => undefined, 4],
] as const)('given up, because %s', async (reason, reaction, attempts) => {
  receiver.script = [reaction];
  expect(await deliver({ timeoutSeconds: 0.2 })).toEqual({ delivered: false, reason });
  expect(receiver.received).toHaveLength(attempts);
});

test('a Retry-After is waited for', async () => {
  receiver.script = [answer(429, { 'retry-after': '1' }), answer(200)];
  const began = performance.now();
  await deliver({ pauses: [0] });
  expect(performance.now() - began).toBeGreaterThanOrEqual(990);
});

test('an answer without end is one', async () => {
  receiver.script = [(response) => response.writeHead(200).write('x'.repeat(100_000))];
  expect(await deliver()).toEqual({ delivered: true });
});

test('who is in a hurry waits no longer than need be', async () => {
  const hurry = new AbortController();
  receiver.script = [answer(503), answer(200)];
  const done = deliver({ pauses: [3600], hurry: hurry.signal });
  setTimeout(() => hurry.abort(), 100);
  expect(await done).toEqual({ delivered: true });
});

test('the end of the engine ends it', async () => {
  const stop = new AbortController();
  receiver.script = [answer(503)];
  const done = deliver({ pauses: [3600], signal: stop.signal });
  setTimeout(() => stop.abort(cancelled()), 100);
  await expect(done).rejects.toMatchObject({ code: 'CANCELLED' });
});

describe('where callbacks do not go', () => {
  const blocked = { delivered: false, reason: expect.stringContaining('not a public address') };

  test('to this machine and its network', async () => {
    for (const url of [receiver.url, 'http://10.0.0.1/', 'http://[::1]/', 'http://0x7f.1/'])
      expect(await deliver({ allowHosts: [] }, url)).toEqual(blocked);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:169.254.169.254]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://0xa9fea9fe/',
  ])('to %s, whatever is allowed', async (url) => {
    const allowHosts = ['0.0.0.0/0', '::/0', new URL(url).hostname, '169.254.169.254', '168.63.129.16'];
    expect(await deliver({ allowHosts }, url)).toEqual(blocked);
  });

  test('by a name that leads to a metadata service, if only with one of its addresses', async () => {
    const lookup = ((
      _name: string,
      lookupOptions: dns.LookupOptions,
      done: (...result: unknown[]) => void,
    ) =>
      lookupOptions.all
        ? done(null, [
            { address: '127.0.0.1', family: 4 },
            { address: '169.254.169.254', family: 4 },
          ])
        : done(null, '169.254.169.254', 4)) as unknown as typeof dns.lookup;
    jest.spyOn(dns, 'lookup').mockImplementation(lookup);
    const url = receiver.url.replace('127.0.0.1', 'metadata.example');
    for (const allowHosts of [['metadata.example'], ['127.0.0.0/8', '169.254.0.0/16'], []])
      expect(await deliver({ allowHosts }, url)).toEqual(blocked);
    expect(receiver.received).toEqual([]);
  });

  test('elsewhere, even where the receiver points to an allowed host', async () => {
    const other = await listen((_request, response) => response.end());
    receiver.script = [answer(307, { location: other })];
    expect(await deliver()).toMatchObject({ delivered: false, reason: expect.stringContaining('307') });
  });
});
