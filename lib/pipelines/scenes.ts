import {
  type BgEngine,
  DRAWN_BACKDROPS,
  type DrawnBackdrop,
  type Look,
  type ReplaceParams,
  VitrineError,
  type WorkerConfig,
  invalid,
} from '../contracts';
import {
  type Marketplace,
  type Presets,
  findMarketplace,
  findPreset,
  lookOf,
  marketplacePlacement,
} from '../backdrops';

/** A side, in pixels, that a generator draws no more than unless ALLOW_4K says so. */
const MOST_GENERATED = 4096;

/** What one picture of a job is to show. */
export interface Scene {
  /** Null where a picture or a colour was given in its place. */
  preset: string | null;
  engine: DrawnBackdrop;
  look: Look;
  /** Whose listing the picture is for. */
  marketplace?: Marketplace;
  /** It is that listing's main picture: pure white, filled as the marketplace asks. */
  main: boolean;
  warnings: string[];
}

/** The preset of marketplaces, and the rules that it keeps where none is named. */
const [MARKETPLACE_PRESET, ANY_MARKETPLACE] = ['marketplace-white', 'any'];

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
export async function scenesOf(presets: Presets, asked: Asked): Promise<Scene[]> {
  const { params, picture } = asked;
  const engine = engineOf(asked);
  if (engine === 'image' && !picture) throw noPicture();
  const usual = params.marketplace ? MARKETPLACE_PRESET : 'product-studio';
  const names = params.preset ?? (engine === 'studio' ? [usual] : [null]);
  const scenes = await Promise.all(names.map((name) => sceneOf(presets, name, asked)));
  const [{ marketplace, warnings }] = scenes;
  if (params.marketplace && marketplace && !scenes.some(({ main }) => main)) {
    warnings.push(
      `${marketplace.name} asks for a pure white main picture, which is not among these: add the preset ${MARKETPLACE_PRESET}.`,
    );
  }
  return scenes;
}

async function sceneOf(presets: Presets, name: string | null, asked: Asked): Promise<Scene> {
  const { params, picture } = asked;
  const preset = name === null ? {} : findPreset(presets, name);
  const own = params.overrides?.backdrop ?? preset.backdrop ?? 'studio';
  const wanted = params.engine === 'auto' && !picture && name !== null ? own : engineOf(asked);
  const warnings: string[] = [];
  if (wanted === 'generated') {
    warnings.push(
      `The preset ${name} needs a generator of scenes, and there is none here: a soft gradient in its colours was drawn.`,
    );
  } else if (params.prompt || params.overrides?.prompt) {
    warnings.push(`The prompt had no effect: the backdrop ${wanted} is drawn, not generated.`);
  }
  const engine = isDrawn(wanted) ? wanted : 'gradient';
  const look = lookOf(engine, preset, params.overrides);
  if (params.bgcolor) look.colors = [params.bgcolor, ...look.colors.slice(1)];
  const chosen = params.marketplace ?? (name === MARKETPLACE_PRESET ? ANY_MARKETPLACE : undefined);
  const marketplace = chosen === undefined ? undefined : await findMarketplace(chosen);
  // A colour that was asked for is shown, and marketplaces show transparency in colours of their own.
  const colored = (params.bgcolor ?? params.overrides?.colors) !== undefined || marketplace !== undefined;
  look.transparent = engine === 'color' && (params.overrides?.transparent ?? (look.transparent && !colored));
  const main = marketplace !== undefined && isPureWhite(engine, look);
  if (main) look.placement = { ...marketplacePlacement(marketplace), ...params.overrides?.placement };
  return { preset: name, engine, look, marketplace, main, warnings };
}

/** Whether a backdrop is 255, 255, 255 all over. */
export function isPureWhite(engine: DrawnBackdrop, { colors: [color], light, transparent }: Look): boolean {
  const white = engine === 'color' && !transparent && /^#(fff|ffffff)$/i.test(color);
  return white && light.shadow === 0 && light.contact === 0;
}

/**
 * Whether a job needs a scene that is made from a prompt.
 * @throws VitrineError TOO_LARGE for more than 4096 pixels a side without ALLOW_4K; NO_GENERATOR
 */
export function refuseGenerated(asked: Asked, size: { width: number; height: number }): void {
  const { params, config } = asked;
  const engine = engineOf(asked);
  const named = params.engine !== 'auto' || params.preset === undefined;
  const generates = named && !isDrawn(engine);
  const fromPrompt = params.prompt !== undefined && params.engine === 'auto' && !isDrawn(config.bgEngine);
  if (!generates && !fromPrompt) return;
  const side = Math.max(size.width, size.height);
  if (side > MOST_GENERATED && !config.allow4k) throw above4k(size);
  throw noGenerator(generates ? engine : 'a prompt');
}

/** What makes the backdrop where no preset says it: what was asked for or brought along, BG_ENGINE, the studio. */
function engineOf({ params, picture, config }: Asked): BgEngine {
  if (params.engine !== 'auto') return params.engine;
  if (picture) return 'image';
  if (params.bgcolor && !params.preset) return 'color';
  return config.bgEngine === 'auto' ? 'studio' : config.bgEngine;
}

function isDrawn(engine: string): engine is DrawnBackdrop {
  return (DRAWN_BACKDROPS as readonly string[]).includes(engine);
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
