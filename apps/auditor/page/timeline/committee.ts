/** One attempt of a committee to sign: who was asked, what each node's own policy said, whose share came. */
import { type LogEvent } from '../api/answers';
import { textField, textList, typeOf } from './fields';

export interface Member {
  readonly node: string;
  readonly decision: 'asked' | 'allowed' | 'refused';
  /** The rule of the node's policy that refused, and why. */
  readonly rule?: string | undefined;
  readonly reason?: string | undefined;
  /** Whether the coordinator says that the share arrived. */
  readonly isReceived: boolean;
  /** What the node itself wrote. */
  readonly event?: LogEvent | undefined;
}

export interface Committee {
  readonly kind: 'committee';
  readonly requestId: string;
  readonly attempt: string;
  readonly presignatureId: string | undefined;
  readonly members: readonly Member[];
  readonly event: LogEvent;
  /** The coordinator's word that shares arrived. */
  readonly received: readonly LogEvent[];
}

export function chosenCommittee(event: LogEvent): Committee {
  return {
    kind: 'committee',
    requestId: textField(event.data, 'requestId') ?? '',
    attempt: textField(event.data, 'attempt') ?? '',
    presignatureId: textField(event.data, 'presignatureId'),
    members: textList(event.data, 'committee').map((node) => ({
      node,
      decision: 'asked',
      isReceived: false,
    })),
    event,
    received: [],
  };
}

/** The committee with what a later event says; undefined when the event is not about it. */
export function withAnswer(committee: Committee, event: LogEvent): Committee | undefined {
  const { data, source } = event;
  if (textField(data, 'requestId') !== committee.requestId) return undefined;
  // A refusal may come before its committee is known to the node, and names no attempt then.
  const attempt = textField(data, 'attempt');
  if (attempt !== undefined && attempt !== committee.attempt) return undefined;
  const change = (members: readonly string[], answer: Partial<Member>): Committee | undefined =>
    committee.members.some(({ node }) => members.includes(node))
      ? {
          ...committee,
          members: committee.members.map((member) =>
            members.includes(member.node) ? { ...member, ...answer } : member,
          ),
        }
      : undefined;
  // Nodes speak for themselves only.
  const node = /^\/node\/([^/]+)$/.exec(source ?? '')?.[1] ?? '';
  switch (typeOf(event)) {
    case 'sign.partial-issued':
      return change([node], { decision: 'allowed', event });
    case 'policy.refused':
      return change([node], {
        ...{ decision: 'refused', event },
        ...{ rule: textField(data, 'rule') ?? textField(data, 'code'), reason: textField(data, 'reason') },
      });
    case 'sign.partial-received': {
      const changed = change(textList(data, 'nodes'), { isReceived: true });
      return changed && { ...changed, received: [...committee.received, event] };
    }
    default:
      return undefined;
  }
}
