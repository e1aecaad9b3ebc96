/** What a requester's transactions on one chain may be; amounts in wei or the token's smallest unit, decimal. */
import { contractFunction } from '@quorate/evm';
import { QuorateError } from '@quorate/platform';
import { addressSchema, uint64Schema, weiSchema } from '@quorate/protocol';
import { z } from 'zod';
import { argumentLimit, limitProblem, unknownParameter } from './argument-limit';
import { period } from './period';
import { areUnique, strictObject } from './strict-object';

const ADDRESSES = 'must be a list of addresses, or ["*"] for every address';
const addresses = z
  .array(
    z.union([z.literal('*'), addressSchema], { error: `${ADDRESSES}; mixed case needs a correct checksum` }),
    {
      error: ADDRESSES,
    },
  )
  .min(1, { error: `${ADDRESSES}; leave it out instead of naming none` });

const window = strictObject({ period, max: weiSchema });
const windows = z
  .array(window)
  .refine((all) => areUnique(all.map((entry) => entry.period)), { error: 'must have every period once' })
  .default([]);

const functionDeclaration = z
  .string({ error: 'must declare a function, such as "transfer(address to, uint256 amount)"' })
  .transform((declaration, context) => {
    try {
      return contractFunction(declaration);
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

const call = strictObject({
  to: addresses.default(['*']),
  function: functionDeclaration,
  arguments: z.record(z.string(), argumentLimit).default({}),
}).superRefine(({ function: called, arguments: limits }, context) => {
  for (const [name, limit] of Object.entries(limits)) {
    const parameter = called.parameters.find((candidate) => candidate.name === name);
    const problem =
      parameter === undefined
        ? unknownParameter(
            name,
            called.parameters.map((candidate) => candidate.name),
          )
        : limitProblem(limit, parameter.type);
    if (problem !== undefined)
      context.addIssue({ code: 'custom', path: ['arguments', name], message: problem });
  }
});

const token = strictObject({
  token: addressSchema,
  functions: z
    .array(
      z.enum(['transfer', 'approve', 'transferFrom'], { error: 'must be transfer, approve or transferFrom' }),
    )
    .min(1, { error: 'must name at least one of transfer, approve and transferFrom' })
    .default(['transfer']),
  /** Who may receive the tokens, or spend them after an approval. */
  recipients: addresses.default(['*']),
  perTransaction: weiSchema.optional(),
  windows,
});

/** The rules of one chain; what is left out limits nothing, but contract creations, which have to be named. */
export const chainRules = strictObject({
  destinations: addresses.default(['*']),
  contractCreation: z.boolean({ error: 'must be true or false' }).default(false),
  value: strictObject({ perTransaction: weiSchema.optional(), windows }).optional(),
  fees: strictObject({
    maxFeePerGas: weiSchema.optional(),
    gasLimit: uint64Schema.optional(),
    total: weiSchema.optional(),
  }).optional(),
  calls: z.array(call).optional(),
  tokens: z
    .array(token)
    .refine((all) => areUnique(all.map((entry) => entry.token)), { error: 'must name every token once' })
    .optional(),
});
export type ChainRules = z.output<typeof chainRules>;
export type CallRule = z.output<typeof call>;
export type TokenRule = z.output<typeof token>;
export type WindowLimit = z.output<typeof window>;
