/** Debian packages whose recordings serve as backgrounds and hard negatives, and what any such package states. */
export interface CorpusPackage {
  readonly name: string;
  readonly holds: string;
  /** Licence of the recordings used, as the package states it. */
  readonly licence: string;
  /** Size of the download. */
  readonly megabytes: number;
  /** The version that the committed checksums were made with. */
  readonly version: string;
}

/** 94 MB, 92 minutes: wide-band speech in 25 languages, music, machines and percussion, system sounds. */
export const DEBIAN_PACKAGES: readonly CorpusPackage[] = [
  {
    name: 'klettres-data',
    holds: 'letters and syllables spoken in 25 languages, 51 min',
    licence: 'GPL-2.0-or-later',
    megabytes: 39.5,
    version: '4:22.12.3-1',
  },
  {
    name: 'sonic-pi-samples',
    holds: 'ambience, machines, drums and loops, 6 min',
    licence: 'CC0-1.0 (five samples CC-BY-SA-4.0)',
    megabytes: 21.9,
    version: '3.2.2~repack-8',
  },
  {
    name: 'hex-a-hop-data',
    holds: 'game music and effects, 10 min',
    licence: 'CC-BY-SA-3.0, CC-BY-3.0, public domain, GPL-2.0-or-later',
    megabytes: 9.2,
    version: '1.1.0+git20140926-1.1',
  },
  {
    name: 'wordwarvi-sound',
    holds: 'rock music, machines and explosions, 16 min',
    licence: 'CC-BY-SA-3.0',
    megabytes: 8.6,
    version: '1.0.4-2',
  },
  {
    name: 'pathological',
    holds: 'two pieces of game music, 8 min',
    licence: 'GPL-2.0-or-later',
    megabytes: 8.1,
    version: '1.1.3-17',
  },
  {
    name: 'oxygen-sounds',
    holds: 'system sounds and alarms, 2 min',
    licence: 'LGPL-3.0-or-later',
    megabytes: 1.9,
    version: '4:5.27.5-2',
  },
  {
    name: 'gnome-audio',
    holds: 'system sounds, a telephone',
    licence: 'CC-BY-SA-2.0, CC-BY-3.0',
    megabytes: 1.5,
    version: '2.22.2-1.2',
  },
  {
    name: 'alsa-utils',
    holds: 'one recording of noise',
    licence: 'GPL-2.0',
    megabytes: 1.1,
    version: '1.2.8-1',
  },
  {
    name: 'yaru-theme-sound',
    holds: 'system sounds',
    licence: 'CC-BY-SA-4.0',
    megabytes: 0.5,
    version: '22.10.3-1',
  },
  {
    name: 'sound-theme-freedesktop',
    holds: 'system sounds, an alarm clock, telephone tones',
    licence: 'CC-BY-SA-3.0, CC-BY-3.0, GPL-2.0-or-later',
    megabytes: 0.4,
    version: '0.8-2',
  },
];
