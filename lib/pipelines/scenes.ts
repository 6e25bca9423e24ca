import {
  type BgEngine,
  type DrawnBackdrop,
  GENERATORS,
  type Look,
  type LookInput,
  type ReplaceParams,
  VitrineError,
  type WorkerConfig,
  invalid,
} from '../contracts';
import { type Presets, findPreset, lookOf } from '../backdrops';

/** A side, in pixels, that a generator draws no more than unless ALLOW_4K says so. */
const MOST_GENERATED = 4096;

/** What one picture of a job is to show. */
export interface Scene {
  /** Null where a picture or a colour was given in its place. */
  preset: string | null;
  engine: DrawnBackdrop;
  look: Look;
  warnings: string[];
}

/** What a job brings that decides on its scenes. */
interface Asked {
  params: ReplaceParams;
  /** Whether a picture to be put behind the product came along. */
  picture: boolean;
  config: Pick<WorkerConfig, 'bgEngine' | 'allow4k'>;
}

/**
 * The scenes that a job asks for, one for each preset.
 * @throws VitrineError INVALID_PARAMETER for unknown presets and for what does not go together
 */
export function scenesOf(presets: Presets, asked: Asked): Scene[] {
  const { params, picture } = asked;
  const names = params.preset ?? (defaultEngine(asked) === 'studio' ? ['product-studio'] : []);
  if (defaultEngine(asked) === 'image' && !picture) throw noPicture();
  if (!names.length) return [scene(null, undefined, defaultEngine(asked) as DrawnBackdrop, params)];
  return names.map((name) => {
    const preset = findPreset(presets, name);
    const own = params.overrides?.backdrop ?? preset.backdrop ?? 'studio';
    const engine = asked.params.engine === 'auto' && !picture ? own : defaultEngine(asked);
    if (engine !== 'generated') return scene(name, preset, engine as DrawnBackdrop, params);
    const drawn = scene(name, preset, 'gradient', params);
    drawn.warnings.push(
      `The preset ${name} needs a generator of scenes, and there is none here: a soft gradient in its colours was drawn.`,
    );
    return drawn;
  });
}

/**
 * Whether a job needs a scene that is made from a prompt.
 * @throws VitrineError TOO_LARGE for more than 4096 pixels a side without ALLOW_4K; NO_GENERATOR
 */
export function refuseGenerated(asked: Asked, size: { width: number; height: number }): void {
  const engine = engineOf(asked);
  const generates = (GENERATORS as readonly string[]).includes(engine);
  const fromPrompt = asked.params.prompt !== undefined && engine === 'auto';
  if (!generates && !fromPrompt) return;
  const side = Math.max(size.width, size.height);
  if (side > MOST_GENERATED && !asked.config.allow4k) throw above4k(size);
  throw noGenerator(generates ? engine : 'a prompt');
}

function scene(
  preset: string | null,
  look: LookInput | undefined,
  engine: DrawnBackdrop,
  { overrides, bgcolor, prompt }: ReplaceParams,
): Scene {
  const full = lookOf(engine, look, overrides);
  const warnings: string[] = [];
  if (prompt || overrides?.prompt) {
    warnings.push(`The prompt had no effect: the backdrop ${engine} is drawn, not generated.`);
  }
  const colors = bgcolor ? [bgcolor, ...full.colors.slice(1)] : full.colors;
  return { preset, engine, look: { ...full, colors }, warnings };
}

/** What was asked for by name; `auto` where nothing was. */
function engineOf({ params, config }: Asked): BgEngine {
  return params.engine === 'auto' ? config.bgEngine : params.engine;
}

/** What draws the backdrop where no preset says it: the picture or the colour that was given, else the studio. */
function defaultEngine(asked: Asked): BgEngine {
  const engine = engineOf(asked);
  if (engine !== 'auto') return engine;
  if (asked.picture) return 'image';
  return asked.params.bgcolor && !asked.params.preset ? 'color' : 'studio';
}

function noPicture(): VitrineError {
  return invalid(
    'backdrop',
    'a picture, for the engine image',
    undefined,
    'Send the picture that is to stand behind the product, or choose another engine, such as studio.',
  );
}

function above4k({ width, height }: { width: number; height: number }): VitrineError {
  return new VitrineError({
    code: 'TOO_LARGE',
    message: `A scene of ${width} x ${height} pixels is above the ${MOST_GENERATED} a side that are generated`,
    hint: 'Send a smaller photo, set width and height, or start the engine with ALLOW_4K=1.',
  });
}

function noGenerator(asked: string): VitrineError {
  return new VitrineError({
    code: 'NO_GENERATOR',
    message: `Nothing here can generate a scene, which ${asked} needs`,
    hint:
      'Leave the prompt out and choose a preset that is drawn, such as product-studio, marble or wood; set engine to ' +
      'studio, gradient or color; or send the scene itself as the picture backdrop.',
  });
}
