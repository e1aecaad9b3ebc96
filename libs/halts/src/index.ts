/** Halt and resume, the same at nodes and coordinators: the rule that merges them, their durable state, their records. */
export { DurableHalts, type HaltNews } from './durable-halts';
export { HaltReader } from './halt-reader';
export {
  changeOfHalt,
  changeOfRecord,
  changeOfResume,
  commandId,
  describeHalt,
  type HaltAuthorities,
} from './halt-record';
export { type Halt, type HaltChange, HaltRegister, type HaltSubject } from './halt-register';
