/**
 * The page's style sheet, light and dark. One column on a phone, two on a wide screen.
 *
 * --e0 … --e7 are the experts' colours, after Okabe & Ito 2008: each has a contrast of 3 or more
 * with the page, and they stay apart under the three kinds of colour blindness (CIE76 ΔE above 10
 * after Machado et al. 2009).
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fdfdfc; --ink: #1c1c1a; --faint: #62625c; --rule: #dcdcd6; --accent: #0072b2;
  --bar: #8d97a3; --card: #f4f5f3;
  --e0: #0072b2; --e1: #d55e00; --e2: #009e73; --e3: #cc79a7;
  --e4: #704c38; --e5: #1c2864; --e6: #6a3df0; --e7: #e01fd8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161614; --ink: #ecece6; --faint: #a8a8a0; --rule: #3a3a36; --accent: #56b4e9;
    --bar: #76808c; --card: #1f1f1c;
    --e0: #56b4e9; --e1: #d55e00; --e2: #009e73; --e3: #e39dc4;
    --e4: #f0e442; --e5: #2f7fd0; --e6: #e69f00; --e7: #d0d0d0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 72rem;
  background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 .5rem; }
h1, p, figcaption, li { overflow-wrap: anywhere; }
.lead { margin: 0; color: var(--faint); }
.expected { border-left: 4px solid var(--accent); padding-left: 1rem; margin: 1.5rem 0 .4rem;
  font-size: 1.35rem; line-height: 1.35; }
.expected strong { font-size: 2.25rem; font-variant-numeric: tabular-nums; }
header .facts { padding-left: calc(1rem + 4px); margin: 0; max-width: 62rem; font-size: 1rem; }
.verdict { padding-left: calc(1rem + 4px); margin: .6rem 0 0; max-width: 62rem; }
.verdict strong { font-weight: 600; }
.verdict strong::after { content: "."; }
figure { margin: 0 0 1rem; max-width: 31rem; }
figure svg { display: block; width: 100%; height: auto; }
svg text, svg tspan { white-space: pre; }
figcaption, caption, .note { color: var(--faint); font-size: .9rem; text-align: left; }
figcaption { margin-top: .3rem; }
caption { padding-bottom: .4rem; max-width: calc(100vw - 2rem); }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: .2rem 0 0; padding: 0;
  list-style: none; font-size: .9rem; }
.legend i { display: inline-block; width: .75em; height: .75em; margin-right: .35em; }
.cards { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.card { border: solid var(--rule); border-width: 4px 0 0; padding: .5rem 0 0; }
.card h3 { font-size: 1.05rem; margin: 0; }
.card p { margin: .2rem 0; }
.rule { font-weight: 500; }
.aside { font-weight: 400; color: var(--faint); white-space: nowrap; }
.facts { color: var(--faint); font-size: .9rem; }
.effects { display: grid; gap: .25rem .75rem; margin-top: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); }
section > .effects { gap: .5rem 2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.effects figure { margin: 0 0 .5rem; max-width: 21rem; }
.card .effects figure { max-width: 15rem; }
.effects figcaption { font-size: .85rem; line-height: 1.35; }
.effects b { color: var(--ink); font-weight: 600; }
.columns td, .columns th, .rules td { text-align: left; }
.columns svg { display: block; width: 132px; height: 30px; }
.columns tbody th, .rules tbody th { overflow-wrap: anywhere; }
.columns .values, .rules td:nth-child(2) { white-space: normal; min-width: 12rem; }
.warnings { margin: 0 0 1rem; padding-left: 1.2rem; }
summary { cursor: pointer; padding: .5rem 0; color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; }
.note { margin: .5rem 0 0; }
table { border-collapse: collapse; width: 100%; font-size: .95rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .4rem; border-bottom: 1px solid var(--rule); text-align: right; }
td { white-space: nowrap; }
thead th { vertical-align: bottom; line-height: 1.25; }
th:first-child { text-align: left; padding-left: 0; }
tbody th { font-weight: 500; min-width: 8rem; position: sticky; left: 0; background: var(--page); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.pair tbody th { min-width: 0; }
@media (max-width: 30rem) {
  table { font-size: .875rem; }
  .comparison tbody th, .columns tbody th { min-width: 6.5rem; max-width: 44vw; }
  .columns tbody th { min-width: 9rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
@media (min-width: 62rem) {
  body { padding: 2.5rem 2rem 4rem; }
  .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 2.5rem; }
  .pair section { padding-top: 2.25rem; }
  /* A picture without a neighbour has its caption there. */
  .pair section:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .pair section:last-child:nth-child(odd) > figure { display: grid; max-width: none;
    grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 2.5rem; align-items: center; }
  .pair h2 { margin-top: 0; }
  .comparison { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 8fr); gap: 1.5rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  figure, tr, .card { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
  details > :not(summary) { display: block; }
}
`;
