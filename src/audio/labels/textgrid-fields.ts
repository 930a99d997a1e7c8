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

/** A comment, a text (its quotes doubled), or a word. */
const FIELD = /\s*(?:(![^\n\r]*)|"([^"]*(?:""[^"]*)*)"|([^\s"]\S*))/y;
const NUMBER = /^[-+]?\d+(\.\d*)?(e[-+]?\d+)?$/i;

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
    return labelError(this.#name, this.#lineAt(offset), mustBe(what, expected, got));
  }

  #next(): Field {
    for (;;) {
      FIELD.lastIndex = this.#offset;
      const match = FIELD.exec(this.#text);
      if (match === null) return this.#atEnd();
      const [whole, comment, text, word] = match;
      this.#offset += whole.length;
      const offset = this.#offset - (comment ?? word ?? `""${text}`).length;
      if (text !== undefined) return this.#found(text.replaceAll('""', '"'), offset);
      const value = word === undefined ? undefined : this.#valueOf(word, offset);
      if (value !== undefined) return this.#found(value, offset);
    }
  }

  /** Undefined for a word that says nothing. */
  #valueOf(word: string, offset: number): number | Flag | undefined {
    if (/^<.*>$/.test(word)) return new Flag(word);
    if (NUMBER.test(word)) return Number(word);
    if (!/^[-+.]?\d/.test(word)) return undefined;
    throw labelError(this.#name, this.#lineAt(offset), mustBe('a number', 'as 12.5 or 1e-3', word));
  }

  #atEnd(): Field {
    const offset = this.#text.length - this.#text.slice(this.#offset).trimStart().length;
    if (offset === this.#text.length) return this.#found(null, offset);
    throw labelError(this.#name, this.#lineAt(offset), mustBe('a text', 'closed by a quote', 'the end of the file'));
  }

  #found(value: Field['value'], offset: number): Field {
    this.#last = { value, offset };
    return this.#last;
  }

  #lineAt(offset: number): number {
    return this.#text.slice(0, offset).split(/\r\n|\n|\r/).length;
  }
}
