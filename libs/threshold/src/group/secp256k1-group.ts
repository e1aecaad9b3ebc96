/** secp256k1 (SEC 2) as a {@link Group}: points are 33 bytes compressed, the arithmetic is libsecp256k1's. */
import { type Group } from './group';
import { hashToPoint } from './hash-to-point';
import {
  addPoints,
  multiplyBase,
  multiplyPublic,
  multiplySecret,
  negatePoint,
  parsePoint,
  POINT_BYTES,
} from './point';
import { addScalarBytes, isNonZeroScalar, multiplyScalarBytes, Q, randomScalarBytes } from './scalar';

export const secp256k1Group: Group = {
  name: 'secp256k1',
  order: Q,
  pointBytes: POINT_BYTES,
  parsePoint,
  multiplyBase,
  multiplySecret,
  multiplyPublic,
  addPoints,
  negatePoint,
  hashToPoint,
  randomScalar: randomScalarBytes,
  isNonZeroScalar,
  addScalars: addScalarBytes,
  multiplyScalars: multiplyScalarBytes,
};
