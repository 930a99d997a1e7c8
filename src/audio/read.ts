import type { AudioInput, PcmView } from '../types.js';
import { checkOptions, READ_OPTIONS, type ReadOptions } from './options.js';
import { openAudio } from './reader.js';

/**
 * Reads a recording. WAV (PCM, float, A-law, µ-law) stays as it is stored, of bytes given as a view over them; every
 * other format is decoded to floats. Only a choice of channel or another sample rate makes a copy. Long recordings
 * let the event loop turn.
 *
 * @param input a path, a `file:` URL, the bytes of a whole file, or samples with their rate
 * @returns PCM as it lies in memory, never empty, all of it finite
 * @throws AudioFormatError naming the recording: `ERR_AUDIO_READ`, `ERR_AUDIO_FORMAT`, `ERR_AUDIO_EMPTY`,
 *   `ERR_AUDIO_NOT_FINITE`, `ERR_AUDIO_CHANNEL`, `ERR_WAV_…`
 * @throws ParameterError `ERR_SAMPLE_RATE`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`
 * @throws PoolError `ERR_TASK_ABORTED` by `signal`
 * @example const pcm = await readAudio('fan.flac', { sampleRate: 16_000, channel: 'mean' })
 */
export async function readAudio(input: AudioInput, options: ReadOptions = {}): Promise<PcmView> {
  checkOptions(options, 'readAudio', READ_OPTIONS);
  const reader = await openAudio(input, options);
  try {
    return await reader.readAll();
  } finally {
    await reader.close();
  }
}
