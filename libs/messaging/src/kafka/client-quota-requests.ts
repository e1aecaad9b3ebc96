/**
 * DescribeClientQuotas (API key 48) and AlterClientQuotas (49) of Kafka's protocol, KIP-546, both in version 0: known to
 * Kafka 2.6 and newer, and without the compact encodings of version 1.
 *
 *   Describe request   [components] strict        component: entity_type match_type match
 *   Describe response  throttle_time_ms error_code error_message [entries]
 *                      entry: [entity] [values]   entity: entity_type entity_name   value: key value
 *   Alter request      [entries] validate_only    entry: [entity] [ops]   op: key value remove
 *   Alter response     throttle_time_ms [entries] entry: error_code error_message [entity]
 */
import type Decoder from 'kafkajs/src/protocol/decoder';
import Encoder from 'kafkajs/src/protocol/encoder';
import { brokerRefusal, type BrokerRequest } from './broker-request';
import { type ClientQuota, type QuotaChange, type QuotaEntity, quotaEntityText } from './client-quota';

const NO_ERROR = 0;

/** All quotas of the cluster, whomever they concern. */
export function describeClientQuotas(): BrokerRequest<ClientQuota[]> {
  return {
    apiKey: 48,
    apiVersion: 0,
    apiName: 'DescribeClientQuotas',
    // No component and not strict: every entity.
    encode: () => new Encoder().writeArray([], 'object').writeBoolean(false),
    decode(body) {
      body.readInt32();
      const errorCode = body.readInt16();
      const message = body.readString();
      const quotas = body.readArray((entry) => ({
        entity: readEntity(entry),
        limits: Object.fromEntries(entry.readArray((value) => [text(value), value.readDouble()])),
      }));
      if (errorCode !== NO_ERROR) throw brokerRefusal(errorCode, message, 'to describe quotas');
      return quotas;
    },
  };
}

/** Sets and removes limits. The broker takes or refuses each entity's changes by themselves. */
export function alterClientQuotas(changes: readonly QuotaChange[]): BrokerRequest<void> {
  return {
    apiKey: 49,
    apiVersion: 0,
    apiName: 'AlterClientQuotas',
    encode: () => new Encoder().writeArray(changes.map(encodeChange), 'object').writeBoolean(false),
    decode(body) {
      body.readInt32();
      const answers = body.readArray((entry) => ({
        errorCode: entry.readInt16(),
        message: entry.readString(),
        entity: readEntity(entry),
      }));
      for (const { errorCode, message, entity } of answers) {
        if (errorCode !== NO_ERROR)
          throw brokerRefusal(errorCode, message, `the quota of ${quotaEntityText(entity)}`);
      }
    },
  };
}

function encodeChange({ entity, set, remove }: QuotaChange): Encoder {
  const operation = (key: string, value: number, removed: boolean): Encoder =>
    new Encoder().writeString(key).writeDouble(value).writeBoolean(removed);
  return new Encoder()
    .writeArray(
      Object.entries(entity).map(([type, name]) => new Encoder().writeString(type).writeString(name)),
      'object',
    )
    .writeArray(
      [
        ...Object.entries(set).map(([key, value]) => operation(key, value, false)),
        ...remove.map((key) => operation(key, 0, true)),
      ],
      'object',
    );
}

function readEntity(decoder: Decoder): QuotaEntity {
  return Object.fromEntries(decoder.readArray((part) => [text(part), part.readString()]));
}

function text(decoder: Decoder): string {
  return decoder.readString() ?? '';
}
