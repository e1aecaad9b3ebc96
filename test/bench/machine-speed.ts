import { randomBytes } from 'node:crypto';
import { publicKeyCreate } from 'secp256k1/bindings';

const RUNS = 2000;

/**
 * CPU microseconds of one multiplication of the base point by libsecp256k1: by this, figures of different machines, or of
 * one machine at different hours, can be compared.
 */
export function baseMultiplicationMicroseconds(): number {
  const scalar = randomBytes(32);
  for (let run = 0; run < RUNS / 10; run++) publicKeyCreate(scalar);
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run++) publicKeyCreate(scalar);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / RUNS;
}
