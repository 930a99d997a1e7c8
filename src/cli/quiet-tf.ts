import { loadTf } from '../model/index.js';

/** tfjs greets on stderr from Node.js that a faster package exists; in its production mode it does not. */
export function quietTf(): void {
  loadTf().enableProdMode();
}
