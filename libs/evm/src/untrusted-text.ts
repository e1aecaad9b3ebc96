/** Texts of nodes and contracts, which anybody may have written, as they can stand in logs, events and answers. */

/**
 * One line without control characters, characters that change the direction of a text, and halves of pairs.
 *
 * @param longest how many characters are kept.
 */
export function plainText(text: string, longest = 200): string {
  // A megabyte of blanks need not be read to keep 200 characters.
  const printable = text
    .slice(0, 20 * longest)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .trim();
  const characters = [...printable];
  return characters.length <= longest ? printable : `${characters.slice(0, longest - 1).join('')}…`;
}
