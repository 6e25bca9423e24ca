/** How the page looks, on light and on dark screens, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f4ef; --card: #fffefb; --ink: #22303f; --soft: #5c6a78; --line: #e2ded4;
  --syn: #0f8b8d; --real: #e4572e; --own: #8f7f68; --gap: #ebe7dd; --doubt: #a35a00; --awning: #e4572e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14191f; --card: #1c232b; --ink: #e8ebee; --soft: #9aa7b4; --line: #2d3742;
    --syn: #35b3b2; --real: #ff7f59; --own: #b9a88e; --gap: #2a333d; --doubt: #f0a24a; --awning: #d8603c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.awning { display: block; width: 100%; height: 26px; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 22px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 48px 0 4px; letter-spacing: -.01em; }
.card + .card { margin-top: 14px; } .charts .card { margin: 0; }
h3 { font-size: 15px; margin: 0 0 8px; }
p { margin: 0 0 12px; max-width: 76ch; }
a { color: inherit; text-decoration-color: var(--syn); text-underline-offset: 3px; }
code { font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.soft, figcaption, .eyebrow, .legend, td small, th { color: var(--soft); }
.eyebrow { font-size: 12px; letter-spacing: .09em; text-transform: uppercase; margin: 0 0 4px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 22px 0 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tile b { display: block; font-size: 26px; line-height: 1.15; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile.doubt b { color: var(--doubt); }
.tile span { color: var(--soft); font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0; font-size: 13px; }
.legend i, .key { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.syn { fill: var(--syn); background: var(--syn); } .real { fill: var(--real); background: var(--real); }
.own { fill: var(--own); background: var(--own); } .missing { background: var(--gap); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { font-size: 12px; font-weight: 600; text-align: left; padding: 6px 12px 6px 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); padding: 8px 12px 8px 0; vertical-align: top; }
td small { font-size: 12px; display: block; }
tfoot td { font-weight: 650; border-top: 2px solid var(--line); }
.bar { display: flex; height: 9px; min-width: 110px; border-radius: 5px; overflow: hidden; background: var(--gap); margin: 5px 0 4px; }
.bar i { display: block; height: 100%; }
.bar .before { opacity: .55; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 14px; margin-top: 14px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 10.5px; font-variant-numeric: tabular-nums; }
.grid path { stroke: var(--line); fill: none; } .grid .base { stroke: var(--soft); }
.bars { list-style: none; margin: 0; padding: 0; }
.bars li { display: grid; grid-template-columns: minmax(0, 11em) 1fr 3.5em; gap: 10px; align-items: center; font-size: 13px; }
.bars .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bars .bar { min-width: 40px; background: none; } .bars .count { text-align: right; color: var(--soft); }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 10px; margin: 12px 0 0; }
figure { margin: 0; min-width: 0; }
figure > div { aspect-ratio: 1; display: grid; place-items: center; background: var(--gap); border-radius: 7px; overflow: hidden; border-bottom: 3px solid transparent; }
figure.syn-made > div { border-color: var(--syn); } figure.real-made > div { border-color: var(--real); } figure.original > div { border-color: var(--own); }
img { display: block; max-width: 100%; max-height: 100%; width: 100%; height: 100%; object-fit: contain; }
figcaption { font-size: 11px; line-height: 1.35; margin-top: 4px; overflow-wrap: anywhere; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 14px; margin-top: 12px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
details { margin-top: 12px; } summary { cursor: pointer; }
section.class { margin-top: 14px; } section.class h3 { font-size: 17px; margin: 0; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: 1fr repeat(2, minmax(170px, 230px)); gap: 20px; align-items: start; }
.facts p { margin: 2px 0 0; font-size: 13px; }
ul.plain { margin: 6px 0 0; padding-left: 18px; } ul.plain li { margin: 3px 0; }
.note { border-left: 3px solid var(--doubt); padding: 2px 0 2px 12px; margin: 10px 0; }
.good { border-left-color: var(--syn); }
footer { padding: 40px 24px 60px; color: var(--soft); font-size: 13px; }
@media (max-width: 700px) { .facts { grid-template-columns: 1fr 1fr; } .facts > div:first-child { grid-column: 1 / -1; } main, header, footer { padding-left: 14px; padding-right: 14px; } }
@media print { body { background: none; } .card, .tile, figure { break-inside: avoid; } }
`.trim();
