/**
 * DescribeUserScramCredentials (API key 50) and AlterUserScramCredentials (51) of Kafka's protocol, KIP-554, in version 0:
 * known to Kafka 2.7 and newer. All fields are compact, and requests and answers have headers with tagged fields: the empty
 * ones of both headers are written and read here, as kafkajs does not know them.
 *
 *   Describe request   [users]                     user: name
 *   Describe response  throttle_time_ms error_code error_message [results]
 *                      result: user error_code error_message [credentials]   credential: mechanism iterations
 *   Alter request      [deletions] [upsertions]    deletion: name mechanism
 *                      upsertion: name mechanism iterations salt salted_password
 *   Alter response     throttle_time_ms [results]  result: user error_code error_message
 */
import type Decoder from 'kafkajs/src/protocol/decoder';
import Encoder from 'kafkajs/src/protocol/encoder';
import { brokerRefusal, type BrokerRequest } from './broker-request';

const SCRAM_SHA_512 = 2;
const NO_ERROR = 0;
/** RESOURCE_NOT_FOUND: no such user, or none with this mechanism. */
const NO_SUCH_USER = 91;
const NO_TAGS = 0;

/** What a broker keeps to check a password by (RFC 5802, section 3): the password itself never leaves this process. */
export interface ScramCredential {
  readonly user: string;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly saltedPassword: Buffer;
}

/** The names of all users with SCRAM-SHA-512 credentials. */
export function describeScramUsers(): BrokerRequest<string[]> {
  return {
    apiKey: 50,
    apiVersion: 0,
    apiName: 'DescribeUserScramCredentials',
    // The header's tags, no list of users: all of them, no tags.
    encode: () => new Encoder().writeUVarInt(NO_TAGS).writeUVarInt(0).writeUVarInt(NO_TAGS),
    decode(body) {
      body.readTaggedFields();
      body.readInt32();
      const errorCode = body.readInt16();
      const message = body.readUVarIntString();
      const results = body.readUVarIntArray((result) => {
        const user = text(result);
        result.readInt16();
        result.readUVarIntString();
        const mechanisms = result.readUVarIntArray((credential) => {
          const mechanism = credential.readInt8();
          credential.readInt32();
          credential.readTaggedFields();
          return mechanism;
        });
        result.readTaggedFields();
        return { user, mechanisms: mechanisms ?? [] };
      });
      if (errorCode !== NO_ERROR) throw brokerRefusal(errorCode, message, 'to describe users');
      return (results ?? [])
        .filter(({ mechanisms }) => mechanisms.includes(SCRAM_SHA_512))
        .map(({ user }) => user);
    },
  };
}

/** Sets and removes credentials. The broker takes or refuses each user's change by itself; who is gone may be removed again. */
export function alterScramUsers(
  credentials: readonly ScramCredential[],
  removed: readonly string[],
): BrokerRequest<void> {
  return {
    apiKey: 51,
    apiVersion: 0,
    apiName: 'AlterUserScramCredentials',
    encode: () =>
      new Encoder()
        .writeUVarInt(NO_TAGS)
        .writeUVarIntArray(removed.map(encodeRemoval), 'object')
        .writeUVarIntArray(credentials.map(encodeCredential), 'object')
        .writeUVarInt(NO_TAGS),
    decode(body) {
      body.readTaggedFields();
      body.readInt32();
      const results = body.readUVarIntArray((result) => {
        const answer = {
          user: text(result),
          errorCode: result.readInt16(),
          message: result.readUVarIntString(),
        };
        result.readTaggedFields();
        return answer;
      });
      for (const { user, errorCode, message } of results ?? []) {
        const isDone = errorCode === NO_ERROR || (errorCode === NO_SUCH_USER && removed.includes(user));
        if (!isDone) throw brokerRefusal(errorCode, message, `the credentials of ${user}`);
      }
    },
  };
}

function encodeRemoval(user: string): Encoder {
  return new Encoder().writeUVarIntString(user).writeInt8(SCRAM_SHA_512).writeUVarInt(NO_TAGS);
}

function encodeCredential({ user, iterations, salt, saltedPassword }: ScramCredential): Encoder {
  return new Encoder()
    .writeUVarIntString(user)
    .writeInt8(SCRAM_SHA_512)
    .writeInt32(iterations)
    .writeUVarIntBytes(salt)
    .writeUVarIntBytes(saltedPassword)
    .writeUVarInt(NO_TAGS);
}

function text(decoder: Decoder): string {
  return decoder.readUVarIntString() ?? '';
}
