/** Contracts for tests, as runtime code for anvil_setCode. */
import { AbiCoder } from 'ethers';

/** Error(string) with a text, as `require` gives it back. */
export function errorData(text: string): string {
  return `0x08c379a0${AbiCoder.defaultAbiCoder().encode(['string'], [text]).slice(2)}`;
}

/** Gives `data` back and reverts, whatever it is called with. */
export function revertingCode(data: string): string {
  return `0x${revertWith(data, 0)}${data.slice(2)}`;
}

/** Called with data it opens; called without, it reverts with `data` until then. */
export function gateCode(data: string): string {
  // CALLDATASIZE, JUMPI to the opening; SLOAD of 0, JUMPI to the end.
  const start = '36601857600054601657';
  // The end: STOP. The opening: SSTORE of 1 at 0, STOP.
  const rest = '5b005b600160005500';
  return `0x${start}${revertWith(data, (start.length + rest.length) / 2)}${rest}${data.slice(2)}`;
}

/** PUSH, CODECOPY and REVERT of `data`, which lies `gap` bytes behind and in front of this code together. */
function revertWith(data: string, gap: number): string {
  const size = byte((data.length - 2) / 2);
  const codeSize = 12;
  return `60${size}60${byte(codeSize + gap)}60003960${size}6000fd`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
