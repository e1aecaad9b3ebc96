/** How lanes are spread over submitters. Pure. */

/** How many of the lanes with open intents each submitter takes. */
export function fairShare(lanes: number, replicas: number): number {
  return Math.ceil(lanes / Math.max(1, replicas));
}

/** How many lanes a submitter lets go: none for a small excess, since a lane that moves stands still for a moment. */
export function excess(held: number, share: number): number {
  return held > share + Math.floor(share / 4) ? held - share : 0;
}
