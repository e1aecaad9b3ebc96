import { messageLogContract } from '../testing/message-log.contract';
import { memoryMessageLog } from './memory-message-log';

describe('memoryMessageLog', () => messageLogContract(memoryMessageLog));
