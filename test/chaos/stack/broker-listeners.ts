import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loginSettings } from '../../../deploy/embedded/parts/kafka-security';
import { type Part } from '../../../deploy/embedded/processes/part';

/** A listener of the broker for one service: the broker sends whoever connects there back to `advertisedPort`. */
export interface BrokerListener {
  name: string;
  port: number;
  advertisedPort: number;
}

/**
 * The broker with one listener per service beside its own, which ask for a login over TLS as well. So each service's metadata
 * names that service's link, and all its traffic passes it; and what a link corrupts is noticed, as it would be in production.
 */
export function withListeners(part: Part, listeners: readonly BrokerListener[]): Part {
  return {
    ...part,
    command: async () => {
      const command = await part.command();
      const properties = join(command.cwd ?? '.', 'server.properties');
      const settings = {
        listeners: listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`),
        'advertised.listeners': listeners.map(
          ({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`,
        ),
        'listener.security.protocol.map': listeners.map(({ name }) => `${name}:SASL_SSL`),
      };
      const present = readFileSync(properties, 'utf8');
      // The last of two lines with one name counts.
      for (const [name, values] of Object.entries(settings)) {
        const own = present.split('\n').find((line) => line.startsWith(`${name}=`)) ?? `${name}=`;
        appendFileSync(properties, `${[own, ...values].join(',')}\n`);
      }
      for (const { name } of listeners) {
        const login = Object.entries(loginSettings(name)).map(([setting, value]) => `${setting}=${value}\n`);
        appendFileSync(
          properties,
          `listener.name.${name.toLowerCase()}.num.network.threads=1\n${login.join('')}`,
        );
      }
      return command;
    },
  };
}
