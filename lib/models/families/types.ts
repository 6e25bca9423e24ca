import type { z } from 'zod/v4';
import type { Alpha, BoundingBox, ModelTask, RgbImage } from '../../contracts';
import type { RunDevice, Session, Tensor } from '../../runtime';
import type { Change } from '../onnx';
import type { DetectionNetwork } from './detection';
import type { DiffusionNetwork } from './diffusion';
import type { TrackingNetwork } from './tracking';

/** What stands between a picture and one network. Its steps are apart, so that a matte that is remembered needs no run. */
export interface MatteNetwork {
  /** The graph that a photo goes through. */
  readonly session: Session;
  /** Pixels of a side that the network sees of a photo: of the shorter one where it keeps proportions. */
  readonly size: number;
  /** Name of the one output to fetch. */
  readonly output: string;
  /**
   * A photo of any size, brought to the size that the network sees.
   * @param part what is looked at, whole pixels within the photo; left out: all of it
   */
  resize(image: RgbImage, part?: BoundingBox): Promise<RgbImage>;
  /** A fitted photo as the graph's inputs, by name. */
  feeds(fitted: RgbImage): Record<string, Tensor>;
  /**
   * The graph's answer as a matte of the network's own size.
   * @throws VitrineError INVALID_MODEL for a wrong shape or values that are not finite
   */
  matte(output: Tensor): Alpha;
}

/** What a network can do once it is open, by task: a new task adds its line here. */
export interface TaskNetworks {
  cutout: MatteNetwork;
  diffusion: DiffusionNetwork;
  tracking: TrackingNetwork;
  detection: DetectionNetwork;
}

/** What a family reads of a registry entry: the fields that it asks for. */
export type FamilyEntry<Fields extends z.ZodRawShape = z.ZodRawShape> = { id: string } & z.output<
  z.ZodObject<Fields>
>;

/** A kind of networks that share their graphs' contract: one row of the table, one folder. */
export interface Family<
  Task extends ModelTask = ModelTask,
  Role extends string = string,
  Fields extends z.ZodRawShape = z.ZodRawShape,
  Maybe extends string = string,
  Text extends string = string,
> {
  task: Task;
  /** Names of the graphs that a network consists of; each is a file whose entry says so in `role`. */
  roles: readonly Role[];
  /** The same for graphs that only some have. */
  optionalRoles?: readonly Maybe[];
  /** Roles of files that are no graphs but are read, such as a vocabulary. */
  texts?: readonly Text[];
  /** What an entry must or may say beside what every network says; each with its expectation. */
  fields: Fields;
  /** The same for a variant; fields that stay undefined there are the entry's own. */
  variantFields: z.ZodRawShape;
  /** How the copy of a graph that a device runs differs from it; undefined: the graph is used as it is. */
  change?(entry: FamilyEntry<Fields>, role: Role, device: RunDevice): Change | undefined;
  /**
   * Ties an entry to the graphs it describes.
   * @param texts paths of its files to read
   * @throws VitrineError INVALID_MODEL when inputs or outputs do not fit the entry
   */
  open(
    entry: FamilyEntry<Fields>,
    graphs: Record<Role, Session> & Partial<Record<Maybe, Session>>,
    texts: Record<Text, string>,
  ): TaskNetworks[Task];
  /**
   * Prepares a run on a picture that is made up, and gives what does it, so that the network's speed can be told;
   * without it the speeds of a family's networks are not compared.
   */
  trial?(network: TaskNetworks[Task]): Promise<() => Promise<unknown>>;
}

/** A row of the table, its types read from what it says. */
export function family<
  Task extends ModelTask,
  Role extends string,
  Fields extends z.ZodRawShape,
  Maybe extends string = never,
  Text extends string = never,
>(row: Family<Task, Role, Fields, Maybe, Text>): Family<Task, Role, Fields, Maybe, Text> {
  return row;
}

/** Roles of all files that an entry of a family may have. */
export function rolesOf({ roles, optionalRoles = [], texts = [] }: Family): string[] {
  return [...roles, ...optionalRoles, ...texts];
}
