import { VitrineError } from '../contracts';
import { CUDA_PACK } from './cuda';
import { thisHost, type Host } from './devices';

/** Of onnxruntime's Linux builds, that for CUDA too. */
export const OLDEST_GLIBC = '2.28';

/** @returns the version of glibc; null on musl, and elsewhere than on Linux */
export function glibcVersion(): string | null {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? null;
}

export function isOldGlibc(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  const [least, leastMinor] = OLDEST_GLIBC.split('.').map(Number);
  return major < least || (major === least && minor < leastMinor);
}

/** Why the libraries of CUDA cannot be used on this system, and what works instead; undefined where they can. */
export function systemObstacle(
  { platform, arch }: Pick<Host, 'platform' | 'arch'> = thisHost(),
  glibc: string | null = glibcVersion(),
): VitrineError | undefined {
  const refuse = (what: string, hint: string) =>
    new VitrineError({ code: 'DEVICE_UNAVAILABLE', message: `CUDA cannot be installed here: ${what}`, hint });
  if (platform === 'win32') {
    return refuse(
      'onnxruntime-node has it for Linux only',
      'Nothing has to be installed on Windows: the device dml runs on any DirectX 12 card, and auto takes it by itself. For CUDA run the engine in WSL 2 and name it in the credential Vitrine Engine.',
    );
  }
  if (platform === 'darwin') {
    return refuse(
      'Macs have no NVIDIA cards',
      'Nothing has to be installed on a Mac with Apple silicon: auto takes the device coreml by itself.',
    );
  }
  if (platform !== 'linux' || arch !== 'x64') {
    return refuse(
      `onnxruntime-node has it for Linux on x64, and this machine is ${platform}/${arch}`,
      'Networks run on the CPU here. Run the engine on a machine with a card and name it in the credential Vitrine Engine.',
    );
  }
  const elsewhere =
    'Run the engine on a glibc system such as Debian 12 or Ubuntu 22.04, with the card, and name it in the credential Vitrine Engine; the n8n of this machine goes on as it is.';
  if (glibc === null) return refuse('this system has musl (Alpine), and CUDA is made for glibc', elsewhere);
  if (isOldGlibc(glibc)) {
    return refuse(
      `this system has glibc ${glibc}, and CUDA ${CUDA_PACK.cuda} needs ${OLDEST_GLIBC}`,
      elsewhere,
    );
  }
  return undefined;
}
