import { cudaState } from './store';

/**
 * What lets the system's linker find these libraries before those of the package: onnxruntime-node's binding asks for
 * `libonnxruntime.so.1` by its name, and looks beside itself last.
 */
export function libraryPath(
  folder: string,
  before: string | undefined = process.env.LD_LIBRARY_PATH,
): { LD_LIBRARY_PATH: string } {
  return { LD_LIBRARY_PATH: before ? `${folder}:${before}` : folder };
}

/**
 * What a process that runs networks needs in its environment from its start; nothing where no CUDA libraries of this
 * version are whole in the home.
 * @param home VITRINE_HOME
 */
export function cudaEnvironment(home: string): Partial<ReturnType<typeof libraryPath>> {
  const { state, folder } = cudaState(home);
  return state === 'ready' ? libraryPath(folder) : {};
}
