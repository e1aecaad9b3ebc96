import Decoder from 'kafkajs/src/protocol/decoder';
import { alterClientQuotas, describeClientQuotas } from './client-quota-requests';

/** Bytes as kafka-clients 4.3.1 (Java) writes the same requests and answers in version 0. */
const JAVA = {
  describeAll: '0000000000',
  described:
    '000000070000ffff00000001000000020009636c69656e742d696400036170700004757365720005616c696365000000010012' +
    '636f6e73756d65725f627974655f726174653ff8000000000000',
  describedDefault:
    '000000000000ffff00000001000000010009636c69656e742d6964ffff000000010012726571756573745f70657263656e7461' +
    '67654049400000000000',
  describeRefused: '00000000001f00026e6fffffffff',
  alter:
    '00000002000000010009636c69656e742d6964ffff00000002001270726f64756365725f627974655f72617465415000000000' +
    '0000000012726571756573745f70657263656e74616765404940000000000000000000020009636c69656e742d6964000361' +
    '70700004757365720005616c696365000000010012636f6e73756d65725f627974655f7261746500000000000000000100',
  altered: '00000000000000010000ffff000000010009636c69656e742d6964ffff',
  alterRefused:
    '00000007000000020000ffff000000010009636c69656e742d6964ffff002a000b496e76616c6964206b657900000001000475' +
    '7365720005616c696365',
};

const bytes = (hex: string) => new Decoder(Buffer.from(hex, 'hex'));

describe('DescribeClientQuotas', () => {
  it('asks for every entity', () => {
    expect(describeClientQuotas().encode().buffer.toString('hex')).toBe(JAVA.describeAll);
  });

  it('reads named entities and the default', () => {
    expect(describeClientQuotas().decode(bytes(JAVA.described))).toEqual([
      { entity: { 'client-id': 'app', user: 'alice' }, limits: { consumer_byte_rate: 1.5 } },
    ]);
    expect(describeClientQuotas().decode(bytes(JAVA.describedDefault))).toEqual([
      { entity: { 'client-id': null }, limits: { request_percentage: 50.5 } },
    ]);
  });

  it('reports a refusal with the reason of the broker', () => {
    expect(() => describeClientQuotas().decode(bytes(JAVA.describeRefused))).toThrow(
      'Kafka refuses to describe quotas: no',
    );
  });
});

describe('AlterClientQuotas', () => {
  it('sets and removes limits', () => {
    const request = alterClientQuotas([
      {
        entity: { 'client-id': null },
        set: { producer_byte_rate: 4_194_304, request_percentage: 50.5 },
        remove: [],
      },
      { entity: { 'client-id': 'app', user: 'alice' }, set: {}, remove: ['consumer_byte_rate'] },
    ]);
    expect(request.encode().buffer.toString('hex')).toBe(JAVA.alter);
  });

  it('names the entity that was refused', () => {
    expect(() => alterClientQuotas([]).decode(bytes(JAVA.altered))).not.toThrow();
    expect(() => alterClientQuotas([]).decode(bytes(JAVA.alterRefused))).toThrow(
      'Kafka refuses the quota of user=alice: Invalid key',
    );
  });
});
