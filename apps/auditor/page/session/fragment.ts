/** What the fragment of a link hands over, which browsers send to nobody: `#token=...&key=...`. */
export interface Handover {
  /** Bearer token for the API. */
  readonly token: string | undefined;
  /** Verifier keys of the log and of witnesses, NAME+ID+KEY. */
  readonly keys: readonly string[];
}

/** @param hash `location.hash`; undefined when it hands nothing over */
export function readHandover(hash: string): Handover | undefined {
  const fields = hash.replace(/^#/, '').split('&');
  const of = (name: string) =>
    fields
      .filter((field) => field.startsWith(`${name}=`))
      .map((field) => decoded(field.slice(name.length + 1)));
  const [token] = of('token').filter((text) => text !== '');
  const keys = of('key').filter((text) => text !== '');
  return token === undefined && keys.length === 0 ? undefined : { token, keys };
}

/** A plus sign is one: keys are full of them. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
