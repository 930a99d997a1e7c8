/** The one style sheet. Colours are variables, so that charts, tables and text follow light and dark alike. */
export const STYLE = `
:root {
  --ink: #1d2530; --soft: #5d6875; --line: #dde2e8; --paper: #ffffff; --raised: #f5f7f9;
  --accent: #1f6feb; --good: #1a7f4b; --bad: #c0362c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e8ee; --soft: #9aa5b2; --line: #333b46; --paper: #14181d; --raised: #1c2229;
    --accent: #6aa8ff; --good: #4cc38a; --bad: #ff7b70;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
p { margin: .5rem 0; max-width: 52rem; }
small, .note { color: var(--soft); font-size: .87rem; }
.note:empty, caption:empty, small:empty { display: none; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 1rem 0; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.card { background: var(--raised); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem .9rem; }
.card dt { color: var(--soft); font-size: .82rem; }
.card dd { margin: .1rem 0; font-size: 1.55rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.card.good dd { color: var(--good); }
.card.bad dd { color: var(--bad); }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .35rem; }
th, td { padding: .32rem .8rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
thead th { border-bottom: 2px solid var(--line); }
.number { text-align: right; padding-left: .8rem; }
.text { text-align: left; }
.facts th { color: var(--soft); font-weight: 500; padding-right: 1.5rem; }
figure { margin: 1rem 0; }
figcaption { font-weight: 600; margin-bottom: .35rem; }
.chart { overflow-x: auto; }
.chart svg { max-width: 100%; height: auto; display: block; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 1.5rem; align-items: start; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; font-size: .84rem; }
@media print { body { max-width: none; } section { break-inside: avoid; } nav { display: none; } }
`;
