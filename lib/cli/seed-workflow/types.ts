/** A workflow as n8n imports it. */
export interface N8nWorkflow {
  id: string;
  name: string;
  active: false;
  nodes: N8nNode[];
  connections: Record<string, { main: { node: string; type: 'main'; index: 0 }[][] }>;
  settings: { executionOrder: 'v1' };
  pinData: Record<string, never>;
}

export interface N8nNode {
  id: string;
  name: string;
  type: string;
  typeVersion: number;
  /** Pixels on the canvas: across, down. */
  position: [number, number];
  parameters: object;
  webhookId?: string;
  executeOnce?: true;
  onError?: 'continueErrorOutput';
}
