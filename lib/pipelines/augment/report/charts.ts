import { TARGETS, type Target } from '../../../contracts';
import type { Histogram } from './histogram';
import { type Markup, markup } from './markup';

/** What the two targets are called on the page. */
export const TARGET_NAMES: Record<Target, string> = { syn: 'synthetic', real: 'real' };

const WIDTH = 360;
const HEIGHT = 150;
/** Room for the labels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [36, 20, 10, 24];

/**
 * A histogram as an SVG drawing, the real pictures standing on the synthetic ones.
 * @param options `label`: read out instead of the drawing; `name`: how a value is written; `ticks`: bins between labels
 */
export function columns(
  histogram: Histogram,
  { label, name, ticks }: { label: string; name(value: number): string; ticks: number },
): Markup {
  const { bins, counts } = histogram;
  const most = ceiling(Math.max(...counts.syn.map((count, bin) => count + counts.real[bin])));
  const width = (WIDTH - LEFT - RIGHT) / bins;
  const height = HEIGHT - TOP - BOTTOM;
  const base = HEIGHT - BOTTOM;
  const x = (bin: number) => round(LEFT + bin * width);
  const drawn = Array.from({ length: bins }, (_, bin) => {
    const { syn, real } = { syn: counts.syn[bin], real: counts.real[bin] };
    if (!syn && !real) return null;
    const told = `${name(histogram.edge(bin))} to ${name(histogram.edge(bin + 1))}: ${syn} synthetic, ${real} real`;
    let top = base;
    const parts = TARGETS.map((target) => {
      const tall = (counts[target][bin] / most) * height;
      top -= tall;
      if (!tall) return null;
      return markup`<rect
        class="${target}"
        x="${x(bin)}"
        y="${round(top)}"
        width="${round(Math.max(1, width - 1.5))}"
        height="${round(tall)}"
        rx="1"
      />`;
    });
    return markup`<g><title>${told}</title>${parts}</g>`;
  });
  const labels = Array.from({ length: Math.floor(bins / ticks) + 1 }, (_, index) => {
    const at = index * ticks;
    return markup`<text x="${x(at)}" y="${base + 16}" text-anchor="middle">${name(histogram.edge(at))}</text>`;
  });
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
    <g class="grid">
      <path d="M${LEFT} ${TOP}H${WIDTH - RIGHT}M${LEFT} ${round(TOP + height / 2)}H${WIDTH - RIGHT}" />
      <path class="base" d="M${LEFT} ${base}H${WIDTH - RIGHT}" />
    </g>
    <text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">${thousands(most)}</text>
    <text x="${LEFT - 6}" y="${round(TOP + height / 2) + 4}" text-anchor="end">${thousands(most / 2)}</text>
    ${drawn} ${labels}
  </svg>`;
}

/** Names and how often they come, as bars. */
export function bars(rows: readonly { name: string; syn: number; real: number }[]): Markup {
  const most = Math.max(1, ...rows.map(({ syn, real }) => syn + real));
  const share = (count: number) => `${round((100 * count) / most)}%`;
  return markup`<ul class="bars">
    ${rows.map(
      ({ name, syn, real }) =>
        markup`<li title="${syn} synthetic, ${real} real">
          <span class="name">${name}</span>
          <span class="bar"
            ><i class="syn" style="width:${share(syn)}"></i><i class="real" style="width:${share(real)}"></i
          ></span>
          <span class="count">${thousands(syn + real)}</span>
        </li>`,
    )}
  </ul>`;
}

/** A number as people read it. */
export function thousands(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return rounded.toLocaleString('en-US');
}

/** A share of 1, in per cent. */
export function percent(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** An even number that is easy to read, at least as large. */
function ceiling(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const factor = [1, 2, 3, 4, 5, 6, 8, 10].find((each) => each * step >= value)!;
  return Math.max(2, factor * step);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
