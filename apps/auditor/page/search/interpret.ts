/** What somebody who pastes something may mean by it. */
import { type EventQuery } from '../api/audit-api';
import { KNOWN_TYPES, shortType } from '../text/event-names';

export interface Lookups {
  /** A request or intent of this id. */
  readonly story?: string;
  /** The entry with this index. */
  readonly index?: number;
  /** Lists of events, each with what they have in common. */
  readonly lists: readonly Lookup[];
}

export interface Lookup {
  readonly what: string;
  readonly query: EventQuery;
  /** What a single result leads to. */
  readonly leadsTo: 'story' | 'entry';
}

const ID = /^[A-Za-z0-9_.:-]{1,100}$/;

/** @param text as it was pasted: spaces and quotes around it do not matter */
export function interpret(text: string): Lookups {
  const term = text.trim().replace(/^["'`]+|["'`,;]+$/g, '');
  const type = KNOWN_TYPES.find((known) => known === term || shortType(known) === term);
  if (type !== undefined) return { lists: [listOf(`Events of type ${shortType(type)}`, { type })] };
  if (/^quorate\.\S+$/.test(term)) return { lists: [listOf(`Events of type ${term}`, { type: term })] };
  if (/^\/[a-z]+\/\S+$/.test(term)) return { lists: [listOf(`Events of ${term}`, { actor: term })] };
  const hex = /^(?:0x)?([0-9a-fA-F]{40}|(?:[0-9a-fA-F]{2}){32,100})$/.exec(term)?.[1]?.toLowerCase();
  const lists = [
    ...(hex === undefined
      ? []
      : [listOf('Events that name this hash or address', { hash: `0x${hex}` }, 'story')]),
    ...(/^k_/.test(term) ? [listOf('Events of this key', { keyId: term })] : []),
    ...(ID.test(term) ? [listOf('The event with this id', { eventId: term })] : []),
    ...(/^[a-z]+(?:-\d+)?$/.test(term)
      ? [listOf(`Events of ${term}`, { actor: `/${term.replace(/-\d+$/, '')}/${term}` })]
      : []),
  ];
  const index = /^#?(0|[1-9]\d{0,14})$/.exec(term)?.[1];
  return {
    ...(ID.test(term) ? { story: term } : {}),
    ...(index === undefined ? {} : { index: Number(index) }),
    lists,
  };
}

function listOf(what: string, query: EventQuery, leadsTo: Lookup['leadsTo'] = 'entry'): Lookup {
  return { what, query, leadsTo };
}
