import { type status } from '@grpc/grpc-js';
import { Invalid } from '@quorate/platform';

/** A control-plane call that ends with a gRPC status; `details` is what the operator reads. */
export class ControlError extends Invalid {
  constructor(
    readonly status: status,
    message: string,
  ) {
    super('control', message);
  }
}
