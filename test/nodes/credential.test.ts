import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadOptionsContext } from 'n8n-core';
import {
  Workflow,
  type IAuthenticateGeneric,
  type ICredentialDataDecryptedObject,
  type ILoadOptionsFunctions,
  type INodePropertyOptions,
  type INodeType,
  type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { loadPack, oneNode, standIn } from './support/n8n';
import { startEngine, type TestEngine } from './support/engine';

/** The credential's Test button and the model list, with a real engine behind them. */
let engine: TestEngine;
let pack: Awaited<ReturnType<typeof loadPack>>;

beforeAll(async () => {
  pack = await loadPack();
  engine = await startEngine();
});
afterAll(async () => await engine?.stop());

function workflowOf(parameters = {}) {
  const find = (type: string) =>
    type.startsWith('test.') ? standIn(type) : (pack.getNode('removeBackground').type as INodeType);
  const nodeTypes = { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
  const definition = oneNode(parameters, { credentials: { vitrineEngineApi: { id: '1', name: 'Engine' } } });
  return new Workflow({ id: 'test', active: false, nodeTypes, ...definition });
}

describe('the Test button', () => {
  /** Sends the request that n8n would send, its expressions resolved by n8n. */
  async function press(credentials: ICredentialDataDecryptedObject): Promise<number> {
    const { test, authenticate } = pack.getCredential('vitrineEngineApi').type;
    const resolve = (value: unknown) =>
      String(
        workflowOf().expression.resolveSimpleParameterValue(
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
});

describe('the model list', () => {
  async function list(parameters: Record<string, string>, credentials?: ICredentialDataDecryptedObject) {
    const workflow = workflowOf(parameters);
    const context = new LoadOptionsContext(
      workflow,
      workflow.getNode('Remove Background')!,
      {
        currentNodeParameters: parameters,
        credentialsHelper: { getDecrypted: async () => credentials, isCredentialUsableByNode: () => true },
      } as unknown as IWorkflowExecuteAdditionalData,
      'model',
    ) as unknown as ILoadOptionsFunctions;
    const { methods } = pack.getNode('removeBackground').type as INodeType;
    return (await methods!.loadOptions!.getModels.call(context)) as INodePropertyOptions[];
  }

  it('comes from the packaged registry, and opening it starts no engine', async () => {
    const home = mkdtempSync(join(tmpdir(), 'vitrine-home-'));
    const before = process.env.VITRINE_HOME;
    process.env.VITRINE_HOME = home;
    try {
      const models = await list({ engineLocation: 'embedded' });
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
      expect(readdirSync(home)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.VITRINE_HOME;
      else process.env.VITRINE_HOME = before;
      rmSync(home, { recursive: true });
    }
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
