import { ModelError, mustBe } from '../errors.js';
import { ACTIVATIONS, type Activation, type Padding } from '../graph/index.js';
import type { Layer } from './tf.js';

type Config = Readonly<Record<string, unknown>>;

/** tfjs's names that differ from the graph's. */
const RENAMED_ACTIVATIONS: Readonly<Record<string, Activation>> = { gelu_new: 'geluTanh' };

function isConfig(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** Typed access to what a layer's `getConfig()` says; every refusal names the layer and its class. */
export class LayerConfig {
  readonly layerName: string;
  readonly className: string;
  readonly #values: Config;

  constructor(layerName: string, className: string, values: unknown) {
    this.layerName = layerName;
    this.className = className;
    if (!isConfig(values)) throw this.refuse('config', 'an object', values);
    this.#values = values;
  }

  /** @param name in the graph */
  static of(layer: Layer, name: string): LayerConfig {
    return new LayerConfig(name, layer.getClassName(), layer.getConfig());
  }

  /** The config of the layer that a wrapper holds; it answers for the wrapper's name. */
  get inner(): LayerConfig {
    const inner = this.#values.layer;
    if (!isConfig(inner) || typeof inner.className !== 'string') throw this.refuse('layer', 'a layer', inner);
    return new LayerConfig(this.layerName, inner.className, inner.config);
  }

  refuse(option: string, expected: string, got: unknown): ModelError {
    const name = `${option} of layer "${this.layerName}" (${this.className})`;
    return new ModelError('ERR_LAYER', mustBe(name, expected, got), {
      layer: this.layerName,
      className: this.className,
    });
  }

  /** Whether there is such an option, with whatever value. */
  has(option: string): boolean {
    return this.#values[option] != null;
  }

  /** As it stands there, for who looks into it further. */
  value(option: string): unknown {
    return this.#values[option];
  }

  number(option: string): number {
    const value = this.#values[option];
    if (!isNumber(value)) throw this.refuse(option, 'a number', value);
    return value;
  }

  /** A number where absence means 0, such as a dropout rate. */
  rate(option: string): number {
    return this.#values[option] == null ? 0 : this.number(option);
  }

  flag(option: string): boolean {
    return this.#values[option] === true;
  }

  /** `length` numbers; one number stands for all of them. */
  numbers(option: string, length: number): number[] {
    const value = this.#values[option];
    if (isNumber(value)) return new Array<number>(length).fill(value);
    if (!Array.isArray(value) || value.length !== length || !value.every(isNumber)) {
      throw this.refuse(option, `${length} number(s)`, value);
    }
    return value;
  }

  /** Numbers, however many; one may stand without its brackets. */
  list(option: string): number[] {
    const value = this.#values[option];
    if (isNumber(value)) return [value];
    if (!Array.isArray(value) || !value.every(isNumber)) throw this.refuse(option, 'a list of numbers', value);
    return value;
  }

  /** `[before, after]` along height and width. */
  pairs(option: string): (readonly [number, number])[] {
    const value = this.#values[option];
    const isPair = (one: unknown): one is [number, number] =>
      Array.isArray(one) && one.length === 2 && one.every((cells) => Number.isInteger(cells) && cells >= 0);
    if (Array.isArray(value) && value.length === 2 && value.every(isPair)) return value;
    throw this.refuse(option, 'two pairs of whole numbers', value);
  }

  isChannelsFirst(): boolean {
    return this.#values.dataFormat === 'channelsFirst';
  }

  oneOf<T extends string>(option: string, allowed: Readonly<Record<string, T>>): T {
    const value = this.#values[option];
    const found = typeof value === 'string' && Object.hasOwn(allowed, value) ? allowed[value] : undefined;
    if (found === undefined) throw this.refuse(option, Object.keys(allowed).join(' | '), value);
    return found;
  }

  padding(): Padding {
    return this.oneOf('padding', { valid: 'valid', same: 'same' });
  }

  activation(option = 'activation'): Activation {
    const value = this.#values[option];
    const name = typeof value === 'string' ? (RENAMED_ACTIVATIONS[value] ?? value) : value;
    const found = ACTIVATIONS.find((activation) => activation === name);
    if (found === undefined) throw this.refuse(option, ACTIVATIONS.join(' | '), value);
    return found;
  }

  /** Refuses an option that is set to anything but its one supported value (absent counts as it). */
  requireDefault(option: string, supported: string | boolean | null): void {
    const value = this.#values[option] ?? supported;
    if (value !== supported) throw this.refuse(option, String(supported), value);
  }
}
