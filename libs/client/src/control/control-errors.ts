import { type ServiceError, status } from '@grpc/grpc-js';
import { Conflict, Invalid, type QuorateError, Refused, Unavailable } from '@quorate/platform';

/**
 * A failed call as an error of the project's taxonomy; `code` is the gRPC status in words (`not-found`, ...).
 * @param address where the coordinator was asked
 */
export function fromServiceError(error: ServiceError, method: string, address: string): QuorateError {
  const code = (status[error.code] ?? 'UNKNOWN').toLowerCase().replaceAll('_', '-');
  const message = `${method}: ${error.details}`;
  const options = { cause: error };
  switch (error.code) {
    case status.INVALID_ARGUMENT:
    case status.NOT_FOUND:
    case status.UNIMPLEMENTED:
    case status.OUT_OF_RANGE:
      return new Invalid(code, message, options);
    case status.PERMISSION_DENIED:
    case status.UNAUTHENTICATED:
      return new Refused(code, message, options);
    case status.ALREADY_EXISTS:
    case status.ABORTED:
    case status.FAILED_PRECONDITION:
      return new Conflict(code, message, options);
    case status.DEADLINE_EXCEEDED:
      return new Unavailable(
        code,
        `${method}: the coordinator at ${address} did not answer in time`,
        options,
      );
    case status.UNAVAILABLE:
      // From the coordinator itself, or from grpc-js when there is no connection to it.
      return error.details.startsWith('No connection established')
        ? new Unavailable(code, `the coordinator at ${address} does not answer`, options)
        : new Unavailable(code, message, options);
    default:
      return new Unavailable(code, `the coordinator at ${address} failed: ${message}`, options);
  }
}
