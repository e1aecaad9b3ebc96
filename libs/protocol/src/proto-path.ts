import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fatal } from '@quorate/platform';

export type ProtoName = 'control' | 'node_session';

/**
 * The absolute path of a .proto file of this library, from the sources as from the build (dist keeps the layout).
 * @throws Fatal `proto` when the build did not copy it.
 */
export function protoPath(name: ProtoName): string {
  const file = join(dirname(__dirname), 'proto', `${name}.proto`);
  if (!existsSync(file)) throw new Fatal('proto', `${file} is missing: run the build again`);
  return file;
}
