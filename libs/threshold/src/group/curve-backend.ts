/** Start-up assertion of the native curve arithmetic (specification section 15; threats.md, row 24). */
import { createRequire } from 'node:module';
import type * as Addon from 'secp256k1/bindings';

const REMEDY =
  'the native addon of the npm package "secp256k1" does not work here. Without it arithmetic would neither be constant ' +
  'time nor fast, so this process stops. Remedy: run `npm rebuild secp256k1` where the process runs (needs Python 3, ' +
  'make and a C++ compiler), or use linux-x64, darwin-arm64 or win32-x64, for which the package has binaries.';

/** 2*G (SEC 2), the known answer of the assertion. */
const TWO_G = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';

/**
 * Loads libsecp256k1 and computes 2*G with it. The package's index falls back to JavaScript silently; this library
 * imports the addon only. Runs when the library is imported, and again wherever a process wants to be sure.
 *
 * @throws Error with a remedy
 */
export function assertNativeCurve(): void {
  const secret = Buffer.alloc(32);
  secret[31] = 2;
  let answer: string | undefined;
  let cause: unknown;
  try {
    const load = createRequire(__filename);
    const addon = load('secp256k1/bindings') as typeof Addon;
    answer = Buffer.from(addon.publicKeyCreate(secret)).toString('hex');
  } catch (error) {
    cause = error;
  }
  if (answer !== TWO_G) throw new Error(REMEDY, { cause });
}

assertNativeCurve();
