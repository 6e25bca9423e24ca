const EMAIL = 'owner@example.com';

/** What the editor does over n8n's REST API, signed in as the owner of a fresh n8n. */
export class Editor {
  private constructor(
    readonly url: string,
    /** What a browser that is signed in sends along. */
    readonly cookie: string,
  ) {}

  /** Fills in the form that a fresh n8n greets its owner with. */
  static async setUp(n8n: { url: string }): Promise<Editor> {
    return await Editor.enter(n8n, 'owner/setup', { email: EMAIL, firstName: 'End', lastName: 'To End' });
  }

  /** For an n8n that has its owner already. */
  static async signIn(n8n: { url: string }): Promise<Editor> {
    return await Editor.enter(n8n, 'login', { emailOrLdapLoginId: EMAIL });
  }

  private static async enter({ url }: { url: string }, path: string, body: object): Promise<Editor> {
    const response = await fetch(`${url}/rest/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, password: 'Passw0rd-e2e' }),
    });
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
    const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
    return new Editor(url, cookie.join('; '));
  }

  /** Settings > Community nodes > Install. */
  async installPackage(name: string): Promise<{ installedNodes: { type: string }[] }> {
    return await this.post('community-packages', { name });
  }

  /** Import from File. */
  async import(workflow: object): Promise<{ id: string; versionId: string }> {
    return await this.post('workflows', workflow);
  }

  /** Credentials > Create. */
  async addCredential(type: string, data: object): Promise<{ id: string; name: string }> {
    const { id } = await this.post<{ id: string }>('credentials', { name: type, type, data });
    return { id, name: type };
  }

  /** Import from File, then Publish. */
  async publish(workflow: object): Promise<void> {
    const { id, versionId } = await this.import(workflow);
    await this.post(`workflows/${id}/activate`, { versionId });
  }

  /** What the pages of a Data Table show. */
  async rowsOf<Row>(table: string): Promise<Row[]> {
    const { id } = await this.get<{ id: string }>('projects/personal');
    const tables = await this.get<{ data: { id: string; name: string }[] }>(`projects/${id}/data-tables`);
    const found = tables.data.find(({ name }) => name === table);
    if (!found) throw new Error(`There is no Data Table ${table}`);
    const rows: Row[] = [];
    for (;;) {
      const path = `projects/${id}/data-tables/${found.id}/rows?take=100&skip=${rows.length}`;
      const { data } = await this.get<{ data: Row[] }>(path);
      rows.push(...data);
      if (data.length < 100) return rows;
    }
  }

  /** What the panels of all nodes are drawn from, each version of a node that this n8n has. */
  async nodeTypes(): Promise<{ name: string; version: number | number[]; properties: { name: string }[] }[]> {
    const response = await fetch(`${this.url}/types/nodes.json`, { headers: { cookie: this.cookie } });
    return (await response.json()) as never;
  }

  private async get<T>(path: string): Promise<T> {
    return await this.ask('GET', path);
  }

  private async post<T>(path: string, body: object): Promise<T> {
    return await this.ask('POST', path, body);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/rest/${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie: this.cookie },
      body: body && JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { data: T }).data;
  }
}
