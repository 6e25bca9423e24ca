import type { N8n } from './n8n';

/** What the editor does over n8n's REST API, signed in as the owner of a fresh n8n. */
export class Editor {
  private constructor(
    readonly url: string,
    /** What a browser that is signed in sends along. */
    readonly cookie: string,
  ) {}

  /** Fills in the form that a fresh n8n greets its owner with. */
  static async setUp(n8n: N8n): Promise<Editor> {
    const response = await fetch(`${n8n.url}/rest/owner/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email: 'owner@example.com',
        firstName: 'End',
        lastName: 'To End',
        password: 'Passw0rd-e2e',
      }),
    });
    if (!response.ok) throw new Error(`Owner setup answered ${response.status}: ${await response.text()}`);
    const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
    return new Editor(n8n.url, cookie.join('; '));
  }

  /** Settings > Community nodes > Install. */
  async installPackage(name: string): Promise<{ installedNodes: { type: string }[] }> {
    return await this.post('community-packages', { name });
  }

  /** Import from File. */
  async import(workflow: object): Promise<{ id: string; versionId: string }> {
    return await this.post('workflows', workflow);
  }

  /** Import from File, then Publish. */
  async publish(workflow: object): Promise<void> {
    const { id, versionId } = await this.import(workflow);
    await this.post(`workflows/${id}/activate`, { versionId });
  }

  private async post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${this.url}/rest/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: this.cookie },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { data: T }).data;
  }
}
