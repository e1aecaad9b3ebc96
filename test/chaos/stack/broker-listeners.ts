import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TlsFiles } from '../../../deploy/embedded/identities/certificates';
import { type Part } from '../../../deploy/embedded/processes/part';

/** A listener of the broker for one service: the broker sends whoever connects there back to `advertisedPort`. */
export interface BrokerListener {
  name: string;
  port: number;
  advertisedPort: number;
}

/**
 * The broker with one TLS listener per service beside its plain one. So each service's metadata names that service's
 * link, and all its traffic passes it; and what a link corrupts is noticed, as it would be in production.
 */
export function withListeners(part: Part, listeners: readonly BrokerListener[], tls: TlsFiles): Part {
  return {
    ...part,
    command: async () => {
      const command = await part.command();
      const folder = command.cwd ?? '.';
      const properties = join(folder, 'server.properties');
      const keystore = join(folder, 'keystore.pem');
      const pem = [tls.keyFile, tls.certFile].map(
        (file) => `${readFileSync(file, 'utf8').trim()}
`,
      );
      writeFileSync(keystore, pem.join(''), { mode: 0o600 });
      const settings = {
        listeners: listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`),
        'advertised.listeners': listeners.map(
          ({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`,
        ),
        'listener.security.protocol.map': listeners.map(({ name }) => `${name}:SSL`),
      };
      const present = readFileSync(properties, 'utf8');
      // The last of two lines with one name counts.
      for (const [name, values] of Object.entries(settings)) {
        const plain = present.split('\n').find((line) => line.startsWith(`${name}=`)) ?? `${name}=`;
        appendFileSync(properties, `${[plain, ...values].join(',')}\n`);
      }
      appendFileSync(
        properties,
        [
          'inter.broker.listener.name=PLAINTEXT',
          'ssl.keystore.type=PEM',
          `ssl.keystore.location=${keystore}`,
          ...listeners.map(({ name }) => `listener.name.${name.toLowerCase()}.num.network.threads=1`),
          '',
        ].join('\n'),
      );
      return command;
    },
  };
}
