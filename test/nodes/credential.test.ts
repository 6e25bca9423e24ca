import { Webhook } from 'standardwebhooks';
import type { IAuthenticateGeneric, ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { startEngine, type TestEngine } from './support/engine';
import { startSupabase } from '../support/supabase';
import { supabaseNote } from '../support/supabase-node';
import { listOptions, withFreshHome, workflowOf } from './support/load-options';
import { loadPack } from './support/n8n';

/** The credential's Test button and the model list, with a real engine behind them. */
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;

beforeAll(async () => {
  pack = await loadPack();
  engine = await startEngine();
});
afterAll(async () => await engine?.stop());

describe('the Test button', () => {
  /** Sends the request that n8n would send, its expressions resolved by n8n. */
  async function press(
    credentials: ICredentialDataDecryptedObject,
    name = 'vitrineEngineApi',
  ): Promise<number> {
    const { test, authenticate } = pack.getCredential(name).type;
    const resolve = (value: unknown) =>
      String(
        workflowOf(pack, 'removeBackground').expression.resolveSimpleParameterValue(
          value as string,
          {},
          null,
          0,
          0,
          'Remove Background',
          [],
          'internal',
          { $credentials: credentials },
        ),
      );
    const { headers } = (authenticate as IAuthenticateGeneric).properties;
    const response = await fetch(resolve(test!.request.baseURL) + test!.request.url, {
      headers: Object.fromEntries(Object.entries(headers!).map(([name, value]) => [name, resolve(value)])),
    });
    return response.status;
  }

  it('accepts the right token at the first address', async () => {
    expect(await press({ urls: `${engine.url}/, http://127.0.0.1:1`, token: engine.token })).toBe(200);
  });

  it.each(['wrong', ''])('does not accept the token %j', async (token) => {
    expect(await press({ urls: engine.url, token })).toBe(401);
  });

  (supabaseNote ? it.skip : it)(`asks a Supabase project with its key${supabaseNote}`, async () => {
    const { url, key } = await startSupabase('create table products (id text primary key);');
    const ask = (apiKey: string) => press({ url: ` ${url}/`, apiKey }, 'vitrineSupabaseApi');
    expect(await ask(key)).toBe(200);
    expect(await ask(key.replace(/.$/, '_'))).toBe(401);
  });
});

describe('the secret of callbacks, in an HTTP Request node', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  type Sign = (
    credentials: ICredentialDataDecryptedObject,
    request: IHttpRequestOptions,
  ) => Promise<IHttpRequestOptions>;
  const sign = async (request: Omit<IHttpRequestOptions, 'url'>, given = secret) =>
    await (pack.getCredential('vitrineWebhookApi').type.authenticate as Sign)(
      { secret: given },
      { url: 'https://example.com', ...request },
    );

  it.each([
    ['a text', '{"event":"done","name":"Çay"}'],
    ['an object', { event: 'done', name: 'Çay' }],
  ])('signs %s as it is sent, under the ID that it has', async (_, body) => {
    const request = await sign({ body, headers: { 'webhook-id': 'job-1', 'x-mine': 'stays' } });
    const headers = request.headers as Record<string, string>;
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    expect(new Webhook(secret).verify(sent, headers)).toEqual({ event: 'done', name: 'Çay' });
    expect(headers).toMatchObject({ 'webhook-id': 'job-1', 'x-mine': 'stays' });
    expect(headers['X-Vitrine-Signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(request.body).toBe(body);
  });

  it('gives an ID to what has none', async () => {
    const [one, other] = [await sign({ body: '{}' }), await sign({ body: '{}' })];
    expect(one.headers!['webhook-id']).not.toBe(other.headers!['webhook-id']);
  });

  it('refuses a secret that nothing can be signed with, and does not show it', async () => {
    const signed = sign({ body: '{}' }, 'whsec_!!! not base64');
    await expect(signed).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
    await expect(signed).rejects.not.toThrow('not base64');
  });
});

describe('the model list', () => {
  const list = async (parameters: Record<string, string>, credentials?: ICredentialDataDecryptedObject) =>
    await listOptions(pack, ['removeBackground', 'getModels'], parameters, credentials);

  it('comes from the packaged registry, and opening it starts no engine', async () => {
    const { result: models, left } = await withFreshHome(() => list({ engineLocation: 'embedded' }));
    expect(left).toEqual([]);
    expect(models.map(({ value }) => value)).toEqual(expect.arrayContaining(['auto', 'plain']));
    expect(models[0].value).toBe('auto');
    const groups = models.slice(1).map(({ description }) => description!.split(':')[0]);
    expect([...new Set(groups)]).toEqual(['Best', 'Quick', 'Special']);
    expect(groups).toEqual([...groups].sort());
    const about = (id: string) => models.find(({ value }) => value === id)?.description;
    expect(about('u2netp')).toMatch(/^Quick: .*; Apache-2\.0 license; comes with the package$/);
    expect(about('birefnet-lite')).toMatch(/^Best: .*; MIT license; 181 MB to download$/);
    expect(about('rmbg-2.0')).toMatch(/^Special: .*; CC-BY-NC-4\.0 license \(must be accepted first\); /);
    for (const { description } of models) expect(description).toBeTruthy();
  });

  it('comes from the remote engine where one is chosen', async () => {
    const models = await list({ engineLocation: 'remote' }, { urls: engine.url, token: engine.token });
    expect(models.map(({ value }) => value)).toEqual(expect.arrayContaining(['auto', 'plain']));
  });

  it('says what is wrong with the credential', async () => {
    const asked = list({ engineLocation: 'remote' }, { urls: engine.url, token: 'wrong' });
    await expect(asked).rejects.toMatchObject({
      name: 'NodeOperationError',
      message: expect.stringContaining('token'),
      description: expect.stringContaining('VITRINE_TOKEN'),
    });
  });
});
