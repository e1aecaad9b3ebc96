import { stackShape } from '../stack/stack-shape';
import { configuredPorts } from './stack-ports';

describe('configuredPorts', () => {
  it('has the documented defaults', () => {
    const { ports } = configuredPorts(stackShape(1, 3, 2), {});
    expect(ports).toEqual({
      kafka: 9092,
      postgres: 5433,
      chain: 8545,
      submitter: 8082,
      auditor: 8083,
      http: new Map([
        ['coordinator-1', 8081],
        ['node-1', 8091],
        ['node-2', 8092],
        ['node-3', 8093],
      ]),
      grpc: new Map([['coordinator-1', 50051]]),
    });
  });

  it('never claims a port twice, however many replicas and nodes', () => {
    const { claims } = configuredPorts(stackShape(8, 16, 9), {});
    expect(new Set(claims.map(({ port }) => port)).size).toBe(claims.length);
  });

  it('claims nothing for parts that the user brings', () => {
    const env = { KAFKA_BROKERS: 'k:9092', DATABASE_URL: 'postgres://p', RPC_URLS: 'http://c' };
    const { claims } = configuredPorts(stackShape(1, 3, 2), env);
    expect(claims.map(({ setting }) => setting)).not.toContain('EMBEDDED_KAFKA_PORT');
    expect(claims).toHaveLength(7);
  });

  it('refuses what is no port, by the name of the setting', () => {
    expect(() => configuredPorts(stackShape(1, 3, 2), { EMBEDDED_CHAIN_PORT: 'http' })).toThrow(
      'EMBEDDED_CHAIN_PORT must be a port number from 1 to 65535, it is "http"',
    );
  });
});
