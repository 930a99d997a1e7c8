import { extname } from 'node:path';
import { AudioFormatError, mustBe, ParameterError } from '../errors.js';
import { replaceFile } from '../files/index.js';
import { loadAddon } from '../native/index.js';
import type { PcmView, Samples } from '../types.js';
import { naming } from './naming.js';
import { pcmView, toInterleavedFloat } from './pcm.js';

const CONTAINERS: Readonly<Record<string, 'wav' | 'flac' | 'ogg'>> = {
  '.wav': 'wav',
  '.flac': 'flac',
  '.ogg': 'ogg',
  '.oga': 'ogg',
};

/**
 * Writes a recording: 16-bit WAV or FLAC, or Ogg Vorbis, by the path's extension. Samples outside [-1, 1) are limited
 * to it. WAV and FLAC bytes depend on the samples alone; Ogg streams carry a random serial number.
 * The file appears whole or not at all: it is written beside its place and renamed.
 *
 * @param audio interleaved where it has several channels
 * @throws ParameterError `ERR_OPTION` for another extension, or a rate or channel count the container does not take;
 *   `ERR_WRITE` where the path cannot be written
 * @throws AudioFormatError `ERR_AUDIO_EMPTY`, `ERR_AUDIO_NOT_FINITE`
 */
export async function writeAudio(path: string, audio: Samples | PcmView): Promise<void> {
  const container = CONTAINERS[extname(path).toLowerCase()];
  if (container === undefined) {
    throw new ParameterError('ERR_OPTION', mustBe('path', 'a name ending in .wav, .flac, .ogg or .oga', path));
  }
  const bytes = naming({ text: path, path }, () => {
    const pcm = pcmView(audio);
    if (pcm.nSamples === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', 'has no samples to write');
    return loadAddon().codecEncode(toInterleavedFloat(pcm), pcm.channels, pcm.sampleRate, container);
  });
  await replaceFile(path, bytes);
}
