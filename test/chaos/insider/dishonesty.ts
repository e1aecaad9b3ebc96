import { z } from 'zod';

/** What a compromised node does to its messages in ceremonies. */
export const dishonestySchema = z.object({
  /** The victims get nothing; or what is changed: only they do, so that of a broadcast there are two. */
  how: z.enum(['silence', 'change']),
  /** The victims, by node. */
  to: z.array(z.string()),
  /** The round whose messages are changed. */
  round: z.number(),
});

export type Dishonesty = z.output<typeof dishonestySchema>;
