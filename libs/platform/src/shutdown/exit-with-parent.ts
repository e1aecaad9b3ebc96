/**
 * Watches for the parent's death when QUORATE_PARENT_WATCH=1: stdin is then a pipe that only the parent holds,
 * and the system closes it even after kill -9 of the parent.
 * @param onParentGone called once, when the pipe has closed
 */
export function exitWithParent(
  onParentGone: () => void,
  env: Readonly<Record<string, string | undefined>> = process.env,
  stdin: NodeJS.ReadableStream = process.stdin,
): void {
  if (env['QUORATE_PARENT_WATCH'] !== '1') return;
  let gone = false;
  const once = (): void => {
    if (gone) return;
    gone = true;
    onParentGone();
  };
  stdin.on('end', once);
  stdin.on('close', once);
  stdin.on('error', once);
  stdin.resume();
}
