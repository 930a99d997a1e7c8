import type { LayersModel } from '../model/index.js';
import type { InputArrays } from './data.js';
import type { Engine } from './engine.js';
import { NativeProgram, type NativeRun } from './native-program.js';
import type { Program } from './program.js';
import { TfjsProgram } from './tfjs-program.js';

/** A run's program on an engine. `window` is any, for its shape. */
export function programOf(model: LayersModel, run: NativeRun, engine: Engine, window: InputArrays): Program {
  return engine.name === 'native'
    ? new NativeProgram(
        model,
        window.inputs.map(({ shape }) => shape.slice(1)),
        run,
      )
    : new TfjsProgram(model, engine, run);
}
