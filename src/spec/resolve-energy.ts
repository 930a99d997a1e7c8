import type { EnergyConfig, FeatureKind, FeaturePreset } from './feature-config.js';
import type { OptionReader } from './option-reader.js';

const BOTH = [true, false] as const;
const NOT_NEGATIVE = { expected: 'a number >= 0', accepts: (value: number) => value >= 0 };
/** HTK's ESCALE and SILFLOOR. */
const HTK_ENERGY_SCALE = 0.1;
const HTK_SILENCE_FLOOR_DB = 50;

/** Kaldi's energy of a frame. */
function frameEnergy(read: OptionReader) {
  return {
    rawEnergy: read.choice('rawEnergy', true, BOTH),
    energyFloor: read.number('energyFloor', 0, NOT_NEGATIVE),
  };
}

/** Of Kaldi's log spectrum, where the energy takes the place of bin 0. */
export function spectrumEnergyOf(read: OptionReader, hasFirstBin: boolean): EnergyConfig {
  const useEnergy = read.choice('useEnergy', hasFirstBin, hasFirstBin ? BOTH : [false]);
  return useEnergy ? { useEnergy, ...frameEnergy(read) } : { useEnergy };
}

/** The energy options of a preset, and what takes their place where they are left out. */
export function energyOf(preset: FeaturePreset, kind: FeatureKind, read: OptionReader): EnergyConfig {
  switch (preset) {
    case 'kaldi':
      return {
        useEnergy: read.choice('useEnergy', kind === 'mfcc', BOTH),
        ...frameEnergy(read),
        htkCompat: read.choice('htkCompat', false, BOTH),
      };
    case 'python_speech_features':
      return kind === 'mfcc' ? { useEnergy: read.choice('useEnergy', true, BOTH) } : {};
    case 'htk':
      return {
        useEnergy: read.choice('useEnergy', false, BOTH),
        rawEnergy: read.choice('rawEnergy', true, BOTH),
        appendC0: read.choice('appendC0', kind === 'mfcc', kind === 'mfcc' ? BOTH : [false]),
        energyNormalise: read.choice('energyNormalise', true, BOTH),
        energyScale: read.number('energyScale', HTK_ENERGY_SCALE, NOT_NEGATIVE),
        silenceFloorDb: read.number('silenceFloorDb', HTK_SILENCE_FLOOR_DB, NOT_NEGATIVE),
      };
    default:
      return {};
  }
}
