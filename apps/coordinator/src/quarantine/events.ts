/** What happens to a node's standing. Only suspicion and recovery are told to the world. */
export type StandingEvent =
  | { readonly type: 'fault-noted'; readonly data: FaultNoted }
  | { readonly type: 'work-noted'; readonly data: { readonly peers: readonly string[]; readonly at: number } }
  | { readonly type: 'quorate.node.suspected.v1'; readonly data: NodeSuspected }
  | { readonly type: 'quorate.node.recovered.v1'; readonly data: NodeRecovered };

export interface FaultNoted {
  readonly reason: string;
  readonly points: number;
  /** The other node, when only these two know whose fault it was. */
  readonly peer: string | null;
  readonly at: number;
}

export interface NodeSuspected {
  readonly node: string;
  readonly reason: string;
  readonly points: number;
  /** RFC 3339. */
  readonly since: string;
  /** Others do its work until then, if they can (RFC 3339). */
  readonly restsUntil: string;
}

export interface NodeRecovered {
  readonly node: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly suspectedSince: string;
}

/** The events that go to mpc.events. */
export type PublishedStandingEvent = Extract<StandingEvent, { readonly type: `quorate.${string}` }>;

export function isPublished(event: StandingEvent): event is PublishedStandingEvent {
  return event.type.startsWith('quorate.');
}
