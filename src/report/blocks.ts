/** The pieces a section is made of, but for charts. */
import { mustBe, ParameterError } from '../errors.js';
import { formatFigure } from './format.js';
import { Html, html } from './html.js';

export function paragraph(text: string): Html {
  return html`<p>${text}</p>`;
}

export interface KeyFigure {
  readonly label: string;
  readonly value: number | string | null;
  /** A line below: what it means, a floor it must pass. */
  readonly note?: string;
  readonly state?: 'good' | 'bad';
}

/** The few figures that matter, large. */
export function keyFigures(figures: readonly KeyFigure[]): Html {
  const cards = figures.map(
    ({ label, value, note = '', state = 'plain' }) =>
      html`<div class="card ${state}"><dt>${label}</dt><dd>${show(value)}</dd><small>${note}</small></div>`,
  );
  return html`<dl class="cards">${cards}</dl>`;
}

export type Cell = string | number | null | Html;

export interface TableOptions {
  readonly columns: readonly string[];
  /** One cell per column. Numbers are set to the right. */
  readonly rows: readonly (readonly Cell[])[];
  readonly caption?: string;
}

/** @throws ParameterError `ERR_SHAPE` for a row that has not one cell per column */
export function table({ columns, rows, caption = '' }: TableOptions): Html {
  for (const [i, row] of rows.entries()) {
    if (row.length === columns.length) continue;
    throw new ParameterError('ERR_SHAPE', mustBe(`rows[${i}]`, `${columns.length} cells`, row.length));
  }
  const numeric = columns.map((_, c) => rows.length > 0 && rows.every((row) => isFigure(row[c]!)));
  const kind = (c: number) => (numeric[c] ? 'number' : 'text');
  const head = columns.map((name, c) => html`<th scope="col" class="${kind(c)}">${name}</th>`);
  const body = rows.map(
    (row) => html`<tr>${row.map((cell, c) => html`<td class="${kind(c)}">${show(cell)}</td>`)}</tr>`,
  );
  return html`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Names and values of one thing, e.g. how a run was configured. */
export function facts(entries: Readonly<Record<string, Cell>>): Html {
  const rows = Object.entries(entries).map(
    ([name, value]) => html`<tr><th scope="row" class="text">${name}</th><td class="text">${show(value)}</td></tr>`,
  );
  return html`<div class="scroll"><table class="facts"><tbody>${rows}</tbody></table></div>`;
}

/** Text as it is, e.g. a command or JSON. */
export function code(text: string): Html {
  return html`<pre class="scroll"><code>${text}</code></pre>`;
}

/** A chart with its title and a line on how to read it. */
export function figure(title: string, chart: Html, note = ''): Html {
  return html`<figure><figcaption>${title}</figcaption><div class="chart" role="img" aria-label="${title}">${chart}</div><p class="note">${note}</p></figure>`;
}

/** Blocks side by side where there is room. */
export function columns(...blocks: readonly Html[]): Html {
  return html`<div class="columns">${blocks}</div>`;
}

function isFigure(cell: Cell): boolean {
  return cell === null || typeof cell === 'number';
}

function show(cell: Cell): string | Html {
  return typeof cell === 'string' || cell instanceof Html ? cell : formatFigure(cell);
}
