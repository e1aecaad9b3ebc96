import { type HttpTokens, type HttpRole, httpRole, type TokenHolder } from './http-tokens';
import { problems } from '../problem';
import { type Rate, TokenBuckets } from '../../rate/token-buckets';

/** Wrong tokens from one address: enough for a mistake in somebody's settings, too few to try many. */
const WRONG_TOKENS: Rate = { perSecond: 1 / 3, burst: 20 };
/** Beyond so many the oldest are forgotten. */
const MOST_KNOWN = 10_000;

/** RFC 6750, section 2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** Who calls, where nobody needs a token. */
const LOCAL: TokenHolder = { name: 'local', roles: httpRole.options };

/** Says who calls, by their tokens, and whether they call too often. */
export class Callers {
  private readonly calls: TokenBuckets;
  private readonly wrong: TokenBuckets;
  /** Who was recognised where: others' wrong tokens from the same address do not lock these out. */
  private readonly known = new Set<string>();

  /**
   * @param tokens undefined: everybody who reaches the service may do everything
   * @param rate of the calls of each holder; of each address without tokens
   * @param now ms of a clock that never goes back
   */
  constructor(
    private readonly tokens: HttpTokens | undefined,
    rate: Rate,
    now: () => number,
  ) {
    this.calls = new TokenBuckets(rate, now);
    this.wrong = new TokenBuckets(WRONG_TOKENS, now);
  }

  get needTokens(): boolean {
    return this.tokens !== undefined;
  }

  /**
   * Whose token it is.
   *
   * @param authorization the header
   * @throws Problem `unauthenticated` (401), or `too-many-requests` (429) after many wrong tokens.
   */
  identify(authorization: string | undefined, address: string): TokenHolder {
    if (this.tokens === undefined) return LOCAL;
    if (authorization === undefined)
      throw problems.unauthenticated('Send a token: Authorization: Bearer TOKEN', 'Bearer realm="quorate"');
    const [, token] = BEARER.exec(authorization) ?? [];
    const holder = token === undefined ? undefined : this.tokens.holder(token);
    const place = `${address} ${holder?.name}`;
    if (holder !== undefined && this.known.has(place)) return holder;
    const wait = this.wrong.wait(address);
    if (wait > 0) throw problems.tooManyRequests('Too many wrong tokens came from this address', wait);
    if (holder === undefined) {
      this.wrong.take(address);
      throw problems.unauthenticated(
        token === undefined
          ? 'The header Authorization cannot be read: send Authorization: Bearer TOKEN'
          : 'The token is not known: check it, and that HTTP_TOKENS_FILE of the service has its SHA-256',
        'Bearer realm="quorate", error="invalid_token"',
      );
    }
    this.remember(place);
    return holder;
  }

  /** Whether they may. @throws Problem `refused` (403). */
  authorize(holder: TokenHolder, roles: readonly HttpRole[]): void {
    if (holder.roles.some((role) => roles.includes(role))) return;
    const wanted = roles.join(' or ');
    throw problems.refused(
      `The token ${holder.name} lacks the role ${wanted}: use another one, or add the role in HTTP_TOKENS_FILE`,
      {
        'www-authenticate': `Bearer realm="quorate", error="insufficient_scope", scope="${roles.join(' ')}"`,
      },
    );
  }

  /** Counts a call. @throws Problem `too-many-requests` (429). */
  count(holder: TokenHolder, address: string): void {
    const who = holder === LOCAL ? address : holder.name;
    const wait = this.calls.take(who);
    if (wait > 0) throw problems.tooManyRequests(`${who} calls too often`, wait);
  }

  close(): void {
    this.tokens?.close();
  }

  private remember(place: string): void {
    this.known.add(place);
    const [oldest] = this.known;
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
  }
}
