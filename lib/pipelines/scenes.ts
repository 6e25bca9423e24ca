import {
  type BgEngine,
  DRAWN_BACKDROPS,
  type DrawnBackdrop,
  type Generator,
  type Look,
  type ReplaceParams,
  type SceneEngine,
  type WorkerConfig,
  drawsAround,
  invalid,
  isGenerator,
} from '../contracts';
import {
  type Marketplace,
  type Presets,
  findMarketplace,
  findPreset,
  lookOf,
  marketplacePlacement,
} from '../backdrops';

/** What one picture of a job is to show. */
export interface Scene {
  /** Null where a picture, a colour or a prompt was given in its place. */
  preset: string | null;
  engine: SceneEngine;
  /** Nothing here can generate it: what asked for that. */
  lacking?: string;
  look: Look;
  /** It is drawn around the product, which stands where its look says. */
  around: boolean;
  /** Whose listing the picture is for. */
  marketplace?: Marketplace;
  /** It is that listing's main picture: pure white, filled as the marketplace asks. */
  main: boolean;
  warnings: string[];
}

/** The preset of marketplaces, and the rules that it keeps where none is named. */
const [MARKETPLACE_PRESET, ANY_MARKETPLACE] = ['marketplace-white', 'any'];

/** What a job brings that decides on its scenes. */
export interface Asked {
  params: ReplaceParams;
  /** Whether a picture to be put behind the product came along. */
  picture: boolean;
  config: Pick<WorkerConfig, 'bgEngine' | 'allow4k'>;
  /** What can generate scenes for this job, the preferred one first. */
  generators: readonly Generator[];
}

/** What makes a backdrop, and what asked for it where nothing here can. */
type Choice = Pick<Scene, 'engine' | 'lacking'>;

/**
 * The scenes that a job asks for, one for each preset.
 * @throws VitrineError INVALID_PARAMETER for unknown presets and for what does not go together
 */
export async function scenesOf(presets: Presets, asked: Asked): Promise<Scene[]> {
  const { params, picture } = asked;
  const { engine } = choose(asked);
  if (engine === 'image' && !picture) throw noPicture();
  const usual = params.marketplace ? MARKETPLACE_PRESET : 'product-studio';
  const fromPreset = engine === 'studio' || (isGenerator(engine) && !promptOf(params));
  const names = params.preset ?? (fromPreset ? [usual] : [null]);
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
  const { params } = asked;
  const preset = name === null ? {} : findPreset(presets, name);
  const own = params.overrides?.backdrop ?? preset.backdrop ?? 'studio';
  const chosen = choose(asked);
  const wanted = name === null || overrulesPresets(asked, chosen) ? chosen : ofPreset(own, asked);
  const warnings: string[] = [];
  if (!wanted) {
    warnings.push(
      `The preset ${name} needs a generator of scenes, and there is none here: a soft gradient in its colours was drawn.`,
    );
  } else if (!isGenerator(wanted.engine) && promptOf(params)) {
    warnings.push(`The prompt had no effect: the backdrop ${wanted.engine} is drawn, not generated.`);
  }
  const { engine, lacking } = wanted ?? { engine: 'gradient' };
  const around = params.draw_around && drawsAround(engine);
  if (params.draw_around && !around) {
    warnings.push(
      `draw_around had no effect: ${engine} shows a scene of its own, not one around the product.`,
    );
  }
  const look = lookOf(isGenerator(engine) ? 'generated' : engine, preset, params.overrides);
  if (params.bgcolor) look.colors = [params.bgcolor, ...look.colors.slice(1)];
  if (params.prompt) look.prompt = params.prompt;
  const rules = params.marketplace ?? (name === MARKETPLACE_PRESET ? ANY_MARKETPLACE : undefined);
  const marketplace = rules === undefined ? undefined : await findMarketplace(rules);
  // A colour that was asked for is shown, and marketplaces show transparency in colours of their own.
  const colored = (params.bgcolor ?? params.overrides?.colors) !== undefined || marketplace !== undefined;
  look.transparent = engine === 'color' && (params.overrides?.transparent ?? (look.transparent && !colored));
  const main = marketplace !== undefined && isPureWhite(engine, look);
  if (main) look.placement = { ...marketplacePlacement(marketplace), ...params.overrides?.placement };
  return { preset: name, engine, lacking, look, around, marketplace, main, warnings };
}

/** Whether a backdrop is 255, 255, 255 all over. */
export function isPureWhite(engine: SceneEngine, { colors: [color], light, transparent }: Look): boolean {
  const white = engine === 'color' && !transparent && /^#(fff|ffffff)$/i.test(color);
  return white && light.shadow === 0 && light.contact === 0;
}

/**
 * A job that names an engine, or brings a picture or a prompt, says for all of its presets what makes them; so does
 * BG_ENGINE where it is a generator and the preset is only the usual one.
 */
function overrulesPresets(asked: Asked, { engine }: Choice): boolean {
  const { params, picture } = asked;
  if (params.engine !== 'auto' || picture || bringsPrompt(asked)) return true;
  return params.preset === undefined && isGenerator(engine);
}

/** What makes the backdrop where no preset says it: what was asked for or brought along, BG_ENGINE, the studio. */
function choose(asked: Asked): Choice {
  const { params, picture, config, generators } = asked;
  const { bgEngine } = config;
  if (params.engine !== 'auto') return known(params.engine, generators);
  if (picture) return { engine: 'image' };
  if (bringsPrompt(asked)) return bgEngine === 'auto' ? preferred(generators) : known(bgEngine, generators);
  if (params.bgcolor && !params.preset) return { engine: 'color' };
  return known(bgEngine === 'auto' ? 'studio' : bgEngine, generators);
}

/** Whether there is a prompt that is no mere change of a preset, and BG_ENGINE lets a generator have it. */
function bringsPrompt({ params, config }: Asked): boolean {
  return params.prompt !== undefined && !isDrawn(config.bgEngine);
}

function preferred([engine]: readonly Generator[]): Choice {
  return engine ? { engine } : { engine: 'sdxl', lacking: 'a prompt' };
}

function known(engine: Exclude<BgEngine, 'auto'>, generators: readonly Generator[]): Choice {
  return isGenerator(engine) && !generators.includes(engine) ? { engine, lacking: engine } : { engine };
}

/** What a preset is made by; undefined where it would have to be generated and cannot be. */
function ofPreset(own: DrawnBackdrop | 'generated', { config, generators }: Asked): Choice | undefined {
  if (own !== 'generated') return { engine: own };
  const engine = isGenerator(config.bgEngine) ? config.bgEngine : generators[0];
  return generators.includes(engine) ? { engine } : undefined;
}

function promptOf({ prompt, overrides }: ReplaceParams): string | undefined {
  return prompt ?? overrides?.prompt;
}

function isDrawn(engine: string): engine is DrawnBackdrop {
  return (DRAWN_BACKDROPS as readonly string[]).includes(engine);
}

function noPicture() {
  return invalid(
    'backdrop',
    'a picture, for the engine image',
    undefined,
    'Send the picture that is to stand behind the product, or choose another engine, such as studio.',
  );
}
