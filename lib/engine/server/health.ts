import { JOB_NAMES, packVersion } from '../../contracts';
import { deviceStates, thisHost } from '../../runtime';
import { TASK_OF } from '../jobs';
import type { Engine } from './engine';
import { freeBytes } from './free-bytes';

/** What `/health` answers, but for the proof: who this is, how busy, and what a client chooses engines by. */
export async function healthOf(engine: Engine) {
  const { config, pool } = engine;
  return {
    status: engine.retiring ? 'retiring' : 'ok',
    service: 'vitrine',
    version: packVersion,
    instance: engine.instance,
    time: new Date().toISOString(),
    device: config.device,
    devices: deviceStates(thisHost(config.homeDir)).map(aboutDevice),
    models_loaded: pool.loaded,
    models: engine.models.list,
    queue: { ...pool.load, coming: engine.uploading },
    jobs: Object.fromEntries(JOB_NAMES.map((name) => [name, pool.outlook(TASK_OF[name])])),
    disk_free_bytes: await freeBytes(config),
    problems: engine.logProblems(),
    configuration: {
      requests_per_minute: config.requestsPerMinute,
      max_queue: config.maxQueue,
      max_image_megapixels: config.limits.maxPixels / 1e6,
      max_image_bytes: config.limits.maxBytes,
      job_timeout_seconds: config.jobTimeoutSeconds,
      output_ttl_hours: config.outputTtlHours,
      offline: config.offline,
    },
  };
}

/** Whether networks can run on it, and where its hardware is here, what makes them. */
function aboutDevice({ device, present, missing, remedy }: ReturnType<typeof deviceStates>[number]) {
  if (missing === undefined) return { device, usable: true };
  return { device, usable: false, reason: missing, ...(present && { next: remedy }) };
}
