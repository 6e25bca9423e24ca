import { parentPort } from 'node:worker_threads';

const EVERY_MS = 20;
const parent = process.ppid;
let maxMemory = Infinity;

// A thread of the guard's child that is awake while its main thread decodes. It ends the process when that takes too
// much memory, or when nobody waits for the picture any more.
parentPort!.on('message', (bytes: number) => {
  maxMemory = bytes;
});
setInterval(() => {
  if (process.memoryUsage.rss() > maxMemory || process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, EVERY_MS);
