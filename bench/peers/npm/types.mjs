/**
 * @typedef {object} Host what a peer's file is given
 * @property {Float32Array} samples mono, 16 kHz
 * @property {NodeJS.Require} require resolves from the folder of the peers
 * @property {(file: string) => Promise<any>} load imports a file below that folder's node_modules
 * @property {(name: string) => string} version
 */
export {};
