import { messageLogContract } from '../testing/message-log.contract';
import { kafkaMessageLog } from './kafka-message-log';

jest.setTimeout(40_000);

describe('kafkaMessageLog', () =>
  messageLogContract(() =>
    kafkaMessageLog({ brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','), clientId: 'contract' }),
  ));
