/** HTML that is safe by construction: text is escaped when it goes in, markup is a value of its own. */

/** A piece of finished markup. Only this folder makes them, so text cannot pass for markup. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

export type Content = string | number | Html | readonly Html[];

/** Template tag: strings and numbers are escaped, `Html` goes in as it is. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.reduce((out, part, i) => out + markupOf(contents[i - 1]!) + part));
}

function markupOf(content: Content): string {
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map((piece) => piece.markup).join('');
  return escapeText(String(content));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}
