import { once } from 'node:events';
import { createServer } from 'node:http';
import { createReadStream } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FrontAndBackResult } from '../../lib/contracts';
import { EngineProcess } from '../engine';
import { median } from '../measure';
import { idOf } from './networks';
import type { Section } from './settings';

/** A product's front and back, each by two networks: `POST /process`, pictures by HTTP from this machine. */
export const frontAndBack: Section = async ({ device, folder, photos, rounds }, tell, one, other) => {
  const server = createServer((request, response) => {
    createReadStream(photos[Number(request.url!.slice(1))]).pipe(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const engine = await EngineProcess.start(folder, { DEVICE: device, VITRINE_ALLOW_HOSTS: '127.0.0.1' });
  let next = 0;
  const ask = async () => {
    const address = () => `http://127.0.0.1:${port}/${next++}`;
    const body = JSON.stringify({
      id: next,
      output: { front: address(), back: address() },
      rmbg_model: idOf(one),
      birefnet_model: idOf(other),
      device,
      strict_device: true,
    });
    const start = performance.now();
    const headers = { 'content-type': 'application/json' };
    const { errors, models } = await engine.post<FrontAndBackResult>('/process', { body, headers });
    if (Object.keys(models).length < 4) throw new Error(JSON.stringify(errors));
    return performance.now() - start;
  };
  try {
    const first = await ask();
    const times: number[] = [];
    for (let round = 0; round < Math.min(rounds, 8); round++) times.push(await ask());
    tell('Front and back by two networks', `${one} and ${other}`, {
      'first s': (first / 1000).toFixed(2),
      's, the middle': (median(times) / 1000).toFixed(3),
      's, the longest': (Math.max(...times) / 1000).toFixed(3),
      wanted: 'below 1',
    });
  } finally {
    await engine.end();
    server.close();
  }
};
