import { type Server } from 'node:http';
import { type Duplex } from 'node:stream';
import { problems } from '../problem';

/** Answers what is no readable HTTP request, which never gets as far as a controller, with a problem document, too. */
export function answerUnreadable(server: Server): void {
  server.on('clientError', (error: Error, socket: Duplex) => {
    // A peer that has hung up hears nothing.
    if (!socket.writable) return void socket.destroy();
    const { document } = problems.unreadable('code' in error && error.code === 'HPE_HEADER_OVERFLOW');
    const body = JSON.stringify(document);
    const head = [
      `HTTP/1.1 ${document.status} ${document.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
