import { answer } from '../../../pool/index.js';
import { makeFile } from './make-file.js';

export default answer(makeFile);
