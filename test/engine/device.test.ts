import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestEngine, post, startEngine } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/** A device that no machine runs the built-in cutter on: who asks for it strictly learns which device was tried. */
const DEVICE = 'webgpu';

const folder = tempFolder();
let engine: TestEngine;
let shop: Server;
let photo: string;

beforeAll(async () => {
  photo = await writePackshot(folder);
  shop = createServer((_, response) => response.end(readFileSync(photo))).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  engine = await startEngine(folder, { DEVICE, VITRINE_ALLOW_HOSTS: '127.0.0.1' });
});
afterAll(async () => {
  await engine.stop();
  shop.close();
});

const clean = (fields: Record<string, string>) =>
  post(`${engine.url}/background/cleanup`, photo, { model: 'plain', ...fields });

const front = (fields: Record<string, unknown>) =>
  fetch(`${engine.url}/process`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 1,
      output: { front: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/front.png` },
      rmbg_model: 'plain',
      birefnet_model: 'plain',
      ...fields,
    }),
  });

test('DEVICE is the device of jobs that name none, or auto', async () => {
  for (const device of [{}, { device: 'auto' }] as Record<string, string>[]) {
    const { warnings } = await (await clean(device)).json();
    expect(warnings).toEqual([`The model plain runs on the cpu only; ${DEVICE} was not used.`]);
    const answers = [
      await clean({ ...device, strict_device: 'true' }),
      await front({ ...device, strict_device: true }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      const { error } = await answer.json();
      expect(error).toMatchObject({ code: 'DEVICE_UNAVAILABLE', message: expect.stringContaining(DEVICE) });
    }
  }
});

test('a job’s own device goes before it', async () => {
  const answers = [
    await clean({ device: 'cpu', strict_device: 'true' }),
    await front({ device: 'cpu', strict_device: true }),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect((await answer.json()).warnings).toEqual([]);
  }
});

test('/health says which devices can be used, and why others cannot', async () => {
  const { device, devices } = await (await fetch(`${engine.url}/health`)).json();
  expect(device).toBe(DEVICE);
  expect(devices).toContainEqual({ device: 'cpu', usable: true });
  const other = process.platform === 'win32' ? 'coreml' : 'dml';
  // No hardware of that kind is here, so there is no next step.
  expect(devices).toContainEqual({
    device: other,
    usable: false,
    reason: expect.stringContaining('it needs'),
  });
});
