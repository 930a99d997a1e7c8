/** A report: one HTML file that needs nothing else, neither network nor scripts. */
import { replaceFile } from '../files/index.js';
import { Html, html } from './html.js';
import { STYLE } from './style.js';

export interface Section {
  readonly title: string;
  readonly blocks: readonly Html[];
}

export interface ReportPage {
  readonly title: string;
  /** Below the title: what this is, from when, made by what. */
  readonly subtitle?: string;
  /** Before the first section, e.g. `keyFigures`. */
  readonly summary?: readonly Html[];
  readonly sections: readonly Section[];
}

/** The whole document, with a table of contents where there are several sections. */
export function reportPage({ title, subtitle = '', summary = [], sections }: ReportPage): string {
  const body = sections.map(
    (section, i) => html`<section id="s${i}"><h2>${section.title}</h2>${section.blocks}</section>`,
  );
  const links = sections.map((section, i) => html`<a href="#s${i}">${section.title}</a>`);
  const contents = sections.length > 1 ? html`<nav>${links}</nav>` : html``;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><h1>${title}</h1><p class="note">${subtitle}</p></header>
${contents}
<main>${summary}${body}</main>
</body>
</html>
`.markup;
}

/** Writes a report, whole or not at all. */
export async function writeReport(path: string, page: ReportPage): Promise<void> {
  await replaceFile(path, reportPage(page));
}
