import type { Alpha, RgbImage } from '../../contracts';
import type { Session, Tensor } from '../../runtime';
import type { GraphInput, GraphOutput } from '../graph-schema';

/** What stands between a picture and one network. Its two halves are apart so that a batch can overlap them with runs. */
export interface MatteAdapter {
  /** Name of the one output to fetch. */
  readonly output: string;
  /** A photo of any size as the network's inputs, by name. */
  feeds(image: RgbImage): Promise<Record<string, Tensor>>;
  /**
   * The network's answer as a matte of the network's own size.
   * @throws VitrineError INVALID_MODEL for a wrong shape or values that are not finite
   */
  matte(output: Tensor): Alpha;
}

/** What an adapter reads of a registry entry. */
export interface NetworkSpec {
  id: string;
  input: GraphInput;
  output: GraphOutput;
}

/**
 * Ties a registry entry to the graph it describes.
 * @throws VitrineError INVALID_MODEL when the graph's inputs or outputs do not fit the entry
 */
export type AdapterFactory = (spec: NetworkSpec, session: Session) => MatteAdapter;
