import type { Session, Tensor, TensorInfo } from '../../../runtime';
import type { Latents, Prompt } from '../diffusion';
import { checkShape, floatTensor, floatsOf, named, numberTensor, type FloatType } from '../tensors';

/** Numbers that guidance becomes for networks that take it as an input (latent consistency models). */
const GUIDANCE_WIDTH = 256;

export interface Unet {
  channels: number;
  sample: TensorInfo;
  /** The guidance is one of its inputs. */
  guidesItself: boolean;
  predict(
    latents: Latents,
    timestep: number,
    prompts: readonly Prompt[],
    guidance: number,
  ): Promise<Float32Array[]>;
}

/** @throws VitrineError INVALID_MODEL where the graph's inputs or outputs do not fit */
export function unet(model: string, session: Session): Unet {
  const input = (name: string) => named(model, 'input', session.inputs, name);
  const [sample, timestep] = [input('sample'), input('timestep')];
  checkShape(model, sample, [[1, undefined, undefined, undefined]]);
  checkShape(model, input('encoder_hidden_states'), [[1, undefined, undefined]]);
  const [output] = session.outputs;
  const condition = session.inputs.find(({ name }) => name === 'timestep_cond');
  // Two at once are quicker on a card; on a CPU they only take twice the memory.
  const together = session.device !== 'cpu' && typeof sample.shape[0] === 'string';
  const { shape } = sample;

  async function run(latents: Latents, time: number, prompts: readonly Prompt[], guidance: number) {
    const { data, channels, width, height } = latents;
    const count = prompts.length;
    const feeds: Record<string, Tensor> = {
      sample: floatTensor(repeat(data, count), [count, channels, height, width], sample.type as FloatType),
      timestep: numberTensor(model, timestep, [time], timestep.shape.length ? [1] : []),
      ...joined(prompts),
    };
    if (condition) {
      const embedded = repeat(guidanceEmbedding(guidance), count);
      feeds.timestep_cond = floatTensor(embedded, [count, GUIDANCE_WIDTH], condition.type as FloatType);
    }
    const answer = floatsOf((await session.run(feeds, [output.name]))[output.name]);
    const size = answer.length / count;
    return prompts.map((_, i) => answer.slice(i * size, (i + 1) * size));
  }

  return {
    channels: typeof shape[1] === 'number' ? shape[1] : 4,
    sample,
    guidesItself: condition !== undefined,
    async predict(latents, time, prompts, guidance) {
      if (together) return run(latents, time, prompts, guidance);
      const answers: Float32Array[] = [];
      for (const prompt of prompts) answers.push(...(await run(latents, time, [prompt], guidance)));
      return answers;
    },
  };
}

function repeat(values: Float32Array, count: number): Float32Array {
  const all = new Float32Array(values.length * count);
  for (let i = 0; i < count; i++) all.set(values, i * values.length);
  return all;
}

/** The prompts' tensors, one after the other along the first axis. Copies: what is fed is gone after a run. */
function joined(prompts: readonly Prompt[]): Record<string, Tensor> {
  const join = (name: string): Tensor => {
    const parts = prompts.map(({ feeds }) => feeds[name]);
    const [{ type, data, dims }] = parts;
    const all = new (data.constructor as Float32ArrayConstructor)(data.length * parts.length);
    parts.forEach((part, i) => all.set(part.data as Float32Array, i * data.length));
    return { type, data: all, dims: [parts.length, ...dims.slice(1)] };
  };
  return Object.fromEntries(Object.keys(prompts[0].feeds).map((name) => [name, join(name)]));
}

/** Sines and cosines of the guidance, as diffusers' get_guidance_scale_embedding has them. */
function guidanceEmbedding(guidance: number): Float32Array {
  const half = GUIDANCE_WIDTH / 2;
  return Float32Array.from({ length: GUIDANCE_WIDTH }, (_, i) => {
    const angle = (guidance - 1) * 1000 * Math.exp((-Math.log(10_000) * (i % half)) / (half - 1));
    return i < half ? Math.sin(angle) : Math.cos(angle);
  });
}
