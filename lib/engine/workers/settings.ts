import { type Config, type WorkerConfig, isSecretName, redact } from '../../contracts';

/** npm's own settings: models that lie in an npm registry may need them. */
const NPM = /^(npm_|node_auth_token$)/i;
const PROXY = /_proxy$/i;

/** What a worker needs of the configuration. */
export function workerConfig(config: Config): WorkerConfig {
  const { device, halfPrecision, homeDir, modelsDir } = config;
  const { offline, hubEndpoint, hubToken, modelsMirror } = config;
  const { bgEngine, modelId, allow4k, warmModel, threads, limits, videoLimits, ffmpegPath } = config;
  return {
    ...{ device, halfPrecision, homeDir, modelsDir },
    ...{ offline, hubEndpoint, hubToken, modelsMirror },
    ...{ bgEngine, modelId, allow4k, warmModel, threads, limits, videoLimits, ffmpegPath },
  };
}

/**
 * What a worker inherits: how to find programs, devices and proxies. Pictures of strangers are read there, so nothing
 * that looks like a secret comes along, nor an address with one in it.
 */
export function workerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name, value = '']) =>
      NPM.test(name) || PROXY.test(name) || (!isSecretName(name) && redact(value) === value),
  );
  return Object.fromEntries(kept);
}
