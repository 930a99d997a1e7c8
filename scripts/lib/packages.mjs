/** Closing gaps through the machine's package manager, or saying in one line how a person can. */
import { capture, SetupError, show } from './run.mjs';

/** Requirement → package, by package manager. Node.js itself is never installed for anyone. */
const PACKAGES = {
  'apt-get': {
    compiler: 'g++',
    make: 'make',
    cmake: 'cmake',
    'pkg-config': 'pkg-config',
    libsndfile: 'libsndfile1-dev',
    libsoxr: 'libsoxr-dev',
    'aarch64-compiler': 'g++-aarch64-linux-gnu',
    'qemu-user': 'qemu-user',
    bochs: 'bochs',
    'bochs-bios': 'bochsbios',
    isolinux: 'isolinux',
    syslinux: 'syslinux-common',
    xorriso: 'xorriso',
    python: 'python3',
    pip: 'python3-pip',
  },
  dnf: {
    compiler: 'gcc-c++',
    make: 'make',
    cmake: 'cmake',
    'pkg-config': 'pkgconf-pkg-config',
    libsndfile: 'libsndfile-devel',
    libsoxr: 'soxr-devel',
    python: 'python3',
    pip: 'python3-pip',
  },
  pacman: {
    compiler: 'gcc',
    make: 'make',
    cmake: 'cmake',
    'pkg-config': 'pkgconf',
    libsndfile: 'libsndfile',
    libsoxr: 'libsoxr',
    python: 'python',
    pip: 'python-pip',
  },
  apk: {
    compiler: 'g++',
    make: 'make',
    cmake: 'cmake',
    'pkg-config': 'pkgconf',
    libsndfile: 'libsndfile-dev',
    libsoxr: 'soxr-dev',
    python: 'python3',
    pip: 'py3-pip',
  },
  brew: {
    compiler: null,
    make: null,
    cmake: 'cmake',
    'pkg-config': 'pkgconf',
    libsndfile: 'libsndfile',
    libsoxr: 'libsoxr',
  },
};

/** What stands before the package names. Only apt-get and brew are run for the user; the others are shown. */
const MANAGERS = {
  'apt-get': {
    install: ['apt-get', 'install', '-y', '--no-install-recommends'],
    refresh: ['apt-get', 'update'],
    root: true,
    runs: true,
  },
  brew: { install: ['brew', 'install'], refresh: null, root: false, runs: true },
  dnf: { install: ['dnf', 'install', '-y'], refresh: null, root: true, runs: false },
  pacman: { install: ['pacman', '-S', '--needed'], refresh: null, root: true, runs: false },
  apk: { install: ['apk', 'add'], refresh: null, root: true, runs: false },
};

const isRoot = () => process.getuid?.() === 0;

/** @returns {keyof typeof MANAGERS | null} the first package manager that answers */
function findManager() {
  const order =
    process.platform === 'darwin'
      ? /** @type {const} */ (['brew'])
      : /** @type {const} */ (['apt-get', 'dnf', 'pacman', 'apk']);
  return order.find((name) => capture(name, ['--version']).found) ?? null;
}

/**
 * The one command that closes the gaps, as a person would type it.
 * @param {import('./requirements.mjs').Finding[]} gaps
 */
export function commandFor(gaps) {
  if (gaps.some((gap) => gap.key === 'node')) return 'install Node.js 20 or newer from https://nodejs.org';
  if (process.platform === 'darwin' && gaps.some((gap) => gap.key === 'compiler' || gap.key === 'make'))
    return 'xcode-select --install';
  const manager = findManager();
  if (manager === null) {
    if (process.platform === 'darwin') return 'install Homebrew from https://brew.sh';
    return `install with this system's package manager: ${gaps.map((gap) => gap.name).join(', ')}`;
  }
  const packages = packagesFor(manager, gaps);
  if (packages.length < gaps.length)
    return `install with this system's package manager: ${gaps.map((gap) => gap.name).join(', ')}`;
  const { install, refresh, root } = MANAGERS[manager];
  const sudo = root && !isRoot() ? 'sudo ' : '';
  const steps = [...(refresh === null ? [] : [refresh]), [...install, ...packages]];
  return steps.map((step) => sudo + step.join(' ')).join(' && ');
}

/**
 * Installs what is missing, where that needs no password.
 * @param {import('./requirements.mjs').Finding[]} gaps
 * @param {(line: string) => void} say
 * @returns {boolean} false where this machine leaves it to a person
 * @throws {SetupError} when the package manager fails
 */
export function installPackages(gaps, say) {
  const manager = findManager();
  if (manager === null || !MANAGERS[manager].runs) return false;
  const { install, refresh, root } = MANAGERS[manager];
  const packages = packagesFor(manager, gaps);
  if (packages.length === 0 || gaps.some((gap) => gap.key === 'node')) return false;
  const asRoot = !root || isRoot() ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && !capture('sudo', ['-n', 'true']).ok) return false;

  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (/** @type {string[]} */ step) => {
    const [program, ...args] = [...asRoot, ...step];
    say(`${[program, ...args].join(' ')}`);
    return show(String(program), args, { env });
  };
  // A fresh container has no package lists, an old one has stale ones; only then is the refresh worth its seconds.
  const done = run([...install, ...packages]) || (refresh !== null && run(refresh) && run([...install, ...packages]));
  if (!done)
    throw new SetupError(
      `${manager} could not install ${packages.join(' ')} (its output is above). To try by hand:\n\n  ${commandFor(gaps)}\n`,
    );
  return true;
}

/**
 * @param {keyof typeof PACKAGES} manager
 * @param {import('./requirements.mjs').Finding[]} gaps
 * @returns {string[]}
 */
function packagesFor(manager, gaps) {
  /** @type {Record<string, string | null>} */
  const names = PACKAGES[manager];
  return gaps.map((gap) => names[gap.key] ?? null).filter((name) => name !== null);
}
