/** Asks an address over and over from a thread of its own, so that the caller's work does not count as latency. */
const { Agent, get } = require('node:http');
const { performance } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const { parentPort, workerData } = require('node:worker_threads');

const { url, intervalMs } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const latencies = [];
let ended = false;

const ask = () =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.once('error', reject);
  });

async function loop() {
  while (!ended) {
    const start = performance.now();
    await ask();
    latencies.push(performance.now() - start);
    await sleep(intervalMs);
  }
  agent.destroy();
  parentPort.postMessage(latencies);
  parentPort.close();
}

parentPort.once('message', () => (ended = true));
loop();
