import { z } from 'zod';
import { kidSchema, recordIdSchema } from '../identifiers';
import { haltScopeSchema, MAX_HALTS_PER_RESUME } from './operator-command';
import { hash32Schema, textSchema, timeSchema } from './primitives';

/** A halt: `haltId` is what a resume must name, `by` is the operator or the service that wants it. */
export const haltFactsSchema = z.object({
  haltId: hash32Schema,
  scope: haltScopeSchema,
  reason: textSchema,
  by: kidSchema,
});
export type HaltFacts = z.input<typeof haltFactsSchema>;

/** The end of halts: exactly these, in this scope. */
const endedHalts = {
  scope: haltScopeSchema,
  halts: z.array(hash32Schema).min(1).max(MAX_HALTS_PER_RESUME),
};

/** `oneTime`: the hash of the operators' command, if that names no halts itself: it ends these, and never others. */
export const resumeFactsSchema = z.object({ ...endedHalts, oneTime: hash32Schema.optional() });
export type ResumeFacts = z.input<typeof resumeFactsSchema>;

/** `quorate.state.halt.v1` on mpc.state.WRITER, typ state, key = `halt:<haltId>`: the writer's word that signing stops. */
export const haltStateSchema = z.object({
  type: z.literal('quorate.state.halt.v1'),
  id: recordIdSchema,
  ...haltFactsSchema.shape,
  at: timeSchema,
});

/**
 * `quorate.state.resume.v1`, typ state, key = `resume:<hash of the command>`. The writer only carries it: what counts is
 * the operators' command inside (base64, with their detached JWS).
 */
export const resumeStateSchema = z.object({
  type: z.literal('quorate.state.resume.v1'),
  id: recordIdSchema,
  ...endedHalts,
  command: z.base64().max(64 * 1024),
  signatures: z.array(z.string().max(1024)).max(64),
  at: timeSchema,
});
export type HaltStateInput = z.input<typeof haltStateSchema>;
export type ResumeStateInput = z.input<typeof resumeStateSchema>;
