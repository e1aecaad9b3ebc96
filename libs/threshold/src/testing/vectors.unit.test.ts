/** The frozen vectors of libs/threshold/vectors: a difference is another wire format, not a test to adapt. */
import vectors from '../../vectors/dkls23-1.json';
import {
  directMessage,
  frameOf,
  framedHash,
  fullBatch,
  gadgetOf,
  hashToPointOf,
  linearHash,
  outputHash,
  sessionIds,
} from './vectors';

interface Vector<I, O> {
  readonly input: I;
  readonly output: O;
}

function checks<I, O>(section: string, list: readonly Vector<I, O>[], compute: (input: I) => O): void {
  describe(section, () => {
    it.each(list.map((vector, k) => [k, vector] as const))('vector %i', (_, { input, output }) => {
      expect(compute(input)).toEqual(output);
    });
  });
}

checks('H and HS framing (1.1)', vectors.hash, framedHash);
checks('hash to point, Hc (1.2, 4.1)', vectors.hashToPoint, hashToPointOf);
checks('session identifiers (1.4)', vectors.sessionId, sessionIds);
checks('frames of every type (2)', vectors.frame, frameOf);
checks('encrypted direct message (2)', vectors.directMessage, directMessage);
checks('linear hash, lin (5.2)', vectors.linearHash, linearHash);
checks('output hash, TCCR (5.5)', vectors.outputHash, outputHash);
checks('gadget, first four entries (6)', vectors.gadget, gadgetOf);
checks('one full batch with fixed randomness (7, 8)', vectors.batch, fullBatch);
