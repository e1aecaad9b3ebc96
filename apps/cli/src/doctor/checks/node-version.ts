import { broken, type Finding, ok } from '../finding';

const LEAST = [20, 19] as const;

/** Node.js 20.19 or newer: older ones cannot load Nest. */
export function checkNodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
    ? ok('node.js', version)
    : broken('node.js', version, `install Node.js ${LEAST.join('.')} or newer`);
}
