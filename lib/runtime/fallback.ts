import { VitrineError, type Device } from '../contracts';
import { candidates, type Host, type RunDevice } from './devices';

export interface DeviceRequest {
  device: Device;
  strictDevice?: boolean;
  allowed?: readonly RunDevice[];
  host?: Host;
}

/**
 * Tries the devices of a request in turn. Only DEVICE_UNAVAILABLE leads on to the next one: a broken or missing file
 * is no better elsewhere.
 * @throws whatever `open` threw on the last device tried
 */
export async function onBestDevice<T>(
  { device, strictDevice = false, allowed, host }: DeviceRequest,
  open: (device: RunDevice) => Promise<T>,
): Promise<{ value: T; warnings: string[] }> {
  const list = candidates(device, strictDevice, allowed, host);
  const failures: VitrineError[] = [];
  for (const each of list) {
    try {
      if (allowed && !allowed.includes(each)) throw notAllowed(each, allowed);
      const value = await open(each);
      return {
        value,
        warnings: failures.map((failure) => `${failure.message}. Used ${each} instead. ${failure.hint}`),
      };
    } catch (error) {
      if (!(error instanceof VitrineError) || error.code !== 'DEVICE_UNAVAILABLE') throw error;
      failures.push(error);
    }
  }
  throw failures.at(-1);
}

function notAllowed(device: RunDevice, allowed: readonly RunDevice[]): VitrineError {
  return new VitrineError({
    code: 'DEVICE_UNAVAILABLE',
    message: `The device ${device} cannot be used: this model runs on ${allowed.join(', ')} only`,
    hint: `Choose the device auto or ${allowed[0]}, or another model.`,
  });
}
