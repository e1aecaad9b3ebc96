import Decoder from 'kafkajs/src/protocol/decoder';
import { alterScramUsers, describeScramUsers } from './scram-requests';

/** Bytes as kafka-clients 4.3.1 (Java) writes the same requests and answers in version 0, without their headers. */
const JAVA = {
  describeAll: '0000',
  // alice by SCRAM-SHA-512, old by SCRAM-SHA-256
  described: '000000070000000306616c6963650000010202000010000000046f6c64000001020100002000000000',
  describeRefused: '00000000001f036e6f0100',
  alter: '0204626f6202000206616c69636502000010000401020303aabb0000',
  altered:
    '000000000306616c6963650000000004626f62005b38417474656d707420746f2064656c65746520612075736572206372656465' +
    '6e7469616c207468617420646f6573206e6f742065786973740000',
  alterRefused: '000000070206616c696365005d13546f6f2066657720697465726174696f6e730000',
};
/** Of the headers, which kafkajs knows without tagged fields: none. */
const NO_TAGS = '00';

const bytes = (hex: string) => new Decoder(Buffer.from(`${NO_TAGS}${hex}`, 'hex'));
const alice = {
  ...{ user: 'alice', iterations: 4096 },
  ...{ salt: Buffer.from('010203', 'hex'), saltedPassword: Buffer.from('aabb', 'hex') },
};

describe('DescribeUserScramCredentials', () => {
  it('asks for all users', () => {
    expect(describeScramUsers().encode().buffer.toString('hex')).toBe(`${NO_TAGS}${JAVA.describeAll}`);
  });

  it('reads those with SCRAM-SHA-512', () => {
    expect(describeScramUsers().decode(bytes(JAVA.described))).toEqual(['alice']);
  });

  it('reports a refusal with the reason of the broker', () => {
    expect(() => describeScramUsers().decode(bytes(JAVA.describeRefused))).toThrow(
      'Kafka refuses to describe users: no',
    );
  });
});

describe('AlterUserScramCredentials', () => {
  it('sets and removes credentials', () => {
    expect(alterScramUsers([alice], ['bob']).encode().buffer.toString('hex')).toBe(`${NO_TAGS}${JAVA.alter}`);
  });

  it('takes it for done when who is to be removed is gone already, and only then', () => {
    expect(() => alterScramUsers([alice], ['bob']).decode(bytes(JAVA.altered))).not.toThrow();
    expect(() => alterScramUsers([alice], []).decode(bytes(JAVA.altered))).toThrow('the credentials of bob');
  });

  it('names the user whose credentials were refused', () => {
    expect(() => alterScramUsers([alice], []).decode(bytes(JAVA.alterRefused))).toThrow(
      'Kafka refuses the credentials of alice: Too few iterations',
    );
  });
});
