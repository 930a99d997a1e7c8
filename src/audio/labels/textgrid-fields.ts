import { mustBe, type ParameterError } from '../../errors.js';
import { labelError } from './label-text.js';

/** A number, a text in quotes, a flag in angle brackets, or null for the end. */
interface Field {
  readonly value: number | string | Flag | null;
  readonly offset: number;
}

/** `<exists>` or `<absent>`. */
class Flag {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Some decoration (comments, words that cannot begin a number or flag), then a text, its quotes doubled, or another word.
 * Decoration is passed over a few pieces at a time, since a regular expression that repeats without end runs out of stack.
 */
const FIELD = /\s*(?:(?:![^\n\r]*|[^\s"!<.+\-\d]\S*)\s*){0,8}(?:"([^"]*(?:""[^"]*)*)"(?!")|([^\s!]\S*))?/y;
const NUMBER = /^[-+]?\d+(\.\d*)?(e[-+]?\d+)?$/i;

/** Between its quotes: those within are doubled, and lines may end as on any system, which Praat makes one. */
function textOf(quoted: string): string {
  return quoted.replaceAll('""', '"').replace(/\r\n?/g, '\n');
}

/**
 * The fields of a file in Praat's text format, one after another. Like Praat it goes by numbers, texts and flags that stand
 * by themselves, and takes everything else (`xmin =`, `intervals [1]:`) for decoration: so long and short files are read
 * alike.
 */
export class TextGridFields {
  readonly #text: string;
  readonly #name: string;
  #offset = 0;
  #last: Field = { value: null, offset: 0 };

  /** @param name what errors call the file */
  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  text(what: string): string {
    const { value } = this.#next();
    if (typeof value === 'string') return value;
    throw this.refuse(what, 'a text in quotes');
  }

  number(what: string): number {
    const { value } = this.#next();
    if (typeof value === 'number') return value;
    throw this.refuse(what, 'a number');
  }

  count(what: string): number {
    const value = this.number(what);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw this.refuse(what, 'a whole number from 0');
  }

  /** Whether a part of the file that may be left out is there. */
  exists(what: string): boolean {
    const { value } = this.#next();
    const text = value instanceof Flag ? value.text : null;
    if (text === '<exists>' || text === '<absent>') return text === '<exists>';
    throw this.refuse(what, '<exists> or <absent>');
  }

  end(what: string): void {
    if (this.#next().value !== null) throw this.refuse(what, 'the end of the file');
  }

  /** The error for the field that was read last, or for what was made of it. */
  refuse(what: string, expected: string): ParameterError {
    const { value, offset } = this.#last;
    const got = value instanceof Flag ? value.text : (value ?? 'the end of the file');
    return this.#error(offset, mustBe(what, expected, got));
  }

  #next(): Field {
    while (this.#offset < this.#text.length) {
      FIELD.lastIndex = this.#offset;
      const [whole = '', text, word] = FIELD.exec(this.#text) ?? [];
      this.#offset += whole.length;
      if (text !== undefined) return this.#found(textOf(text), this.#offset - text.length - 2);
      const offset = this.#offset - (word?.length ?? 0);
      const value = word === undefined ? undefined : this.#valueOf(word, offset);
      if (value !== undefined) return this.#found(value, offset);
    }
    return this.#found(null, this.#offset);
  }

  /** Undefined for a word that says nothing. */
  #valueOf(word: string, offset: number): number | Flag | undefined {
    if (NUMBER.test(word)) return Number(word);
    if (/^<.*>$/.test(word)) return new Flag(word);
    if (/^[-+.]?\d/.test(word)) throw this.#error(offset, mustBe('a number', 'as 12.5 or 1e-3', word));
    if (!word.startsWith('"')) return undefined;
    throw this.#error(offset, mustBe('a text', 'closed by a quote', 'the end of the file'));
  }

  #found(value: Field['value'], offset: number): Field {
    this.#last = { value, offset };
    return this.#last;
  }

  #error(offset: number, what: string): ParameterError {
    const line = this.#text.slice(0, offset).split(/\r\n|\n|\r/).length;
    return labelError(this.#name, line, what);
  }
}
