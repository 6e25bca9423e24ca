/** Draws as many numbers of a standard normal distribution as latents have values. */
export type Draw = () => Float32Array;

/** Which noise levels a picture goes through, and how it gets from one to the next. Made for one picture. */
export interface Scheduler {
  /** What the network is told of the noise, one for each step. */
  readonly timesteps: readonly number[];
  /** What pure noise is multiplied by before the first step. */
  readonly initialScale: number;
  /** The latents as the network is to see them in step `i`. */
  scaleInput(latents: Float32Array, i: number): Float32Array;
  /**
   * The latents after step `i`.
   * @param answer what the network said of the scaled latents
   * @param draw fresh noise, for schedulers that add some
   */
  step(answer: Float32Array, i: number, latents: Float32Array, draw: Draw): Float32Array;
  /** A finished picture's latents with the noise of the level before step `i`; after the last step there is none. */
  addNoise(clean: Float32Array, noise: Float32Array, i: number): Float32Array;
}

/** What the network was trained to answer with. */
export type Prediction = 'epsilon' | 'v_prediction';
