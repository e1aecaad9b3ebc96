import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { isPassing, type Logger } from '@quorate/platform';
import { type Progress, type ProgressNote } from '../ceremony/progress';
import { type HaltCalls, type HaltRequest, type ResumeRequest } from '../halt/halt-calls';
import { type HaltOutcome } from '../halt/halt-office';
import { ControlError } from './control-error';
import { type KeyCalls } from './key-calls';
import {
  type CreateKeyRequest,
  type ReshareKeyRequest,
  type RetireKeyRequest,
  type UnbanPairRequest,
} from './key-checks';
import { type KeyMessage } from './key-message';
import { type NodeMessages } from './node-message';
import { type RequestLookup, type RequestView } from './request-lookup';

/** Notes that wait for one who watches and does not read. */
const UNREAD_NOTES = 1_000;

/** quorate.control.v1.Control: what operators ask of the coordinator. */
export class ControlService {
  constructor(
    private readonly keys: KeyCalls,
    private readonly nodes: NodeMessages,
    private readonly requests: RequestLookup,
    private readonly halting: HaltCalls,
    private readonly progress: Progress,
    private readonly logger: Logger,
  ) {}

  implementation(): UntypedServiceImplementation {
    const { keys, nodes } = this;
    return {
      CreateKey: this.unary((call: ServerUnaryCall<CreateKeyRequest, KeyMessage>) => keys.create(call)),
      RefreshKey: this.unary((call: ServerUnaryCall<{ keyId: string }, KeyMessage>) => keys.refresh(call)),
      ReshareKey: this.unary((call: ServerUnaryCall<ReshareKeyRequest, KeyMessage>) => keys.reshare(call)),
      RetireKey: this.unary((call: ServerUnaryCall<RetireKeyRequest, KeyMessage>) => keys.retire(call)),
      GetKey: this.unary((call: ServerUnaryCall<{ keyId: string }, KeyMessage>) =>
        keys.get(call.request.keyId),
      ),
      ListKeys: this.unary(() => keys.list()),
      UnbanPair: this.unary((call: ServerUnaryCall<UnbanPairRequest, object>) => keys.unban(call)),
      ListNodes: this.unary(async () => ({ nodes: nodes.all() })),
      GetRequest: this.unary((call: ServerUnaryCall<{ requestId: string; requester: string }, RequestView>) =>
        this.requests.find(call.request.requester, call.request.requestId),
      ),
      Watch: this.watch,
      Halt: this.unary((call: ServerUnaryCall<HaltRequest, HaltOutcome>) => this.halting.halt(call.request)),
      Resume: this.unary((call: ServerUnaryCall<ResumeRequest, HaltOutcome>) =>
        this.halting.resume(call.request),
      ),
      ListHalts: this.unary(async () => this.halting.list()),
    };
  }

  private readonly watch: handleServerStreamingCall<{ kinds: string[] }, ProgressNote> = (call) => {
    const { kinds } = call.request;
    const end = this.progress.watch((note) => {
      if (kinds.length > 0 && !kinds.includes(note.kind)) return;
      if (call.writableLength < UNREAD_NOTES) {
        call.write(note);
        return;
      }
      end();
      call.emit('error', {
        code: status.RESOURCE_EXHAUSTED,
        details: 'this call does not read what it is told',
      });
    });
    call.on('cancelled', end);
    call.on('close', end);
  };

  private unary<Q, A>(answer: (call: ServerUnaryCall<Q, A>) => Promise<A>): handleUnaryCall<Q, A> {
    return (call, callback) => {
      answer(call).then(
        (message) => callback(null, message),
        (error: unknown) => {
          if (error instanceof ControlError) {
            callback({ code: error.status, details: error.message });
            return;
          }
          this.logger.error({ err: error, method: call.getPath() }, 'a control call failed');
          callback({
            code: isPassing(error) ? status.UNAVAILABLE : status.INTERNAL,
            details: error instanceof Error ? error.message : 'unknown error',
          });
        },
      );
    };
  }
}
