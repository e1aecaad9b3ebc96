/** The number that an option of a command line gives. @throws Error naming the option when it is none from `least` on */
export function countOption(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`${option} must be a whole number from ${least} on, it is "${text}"`);
  return value;
}
