/**
 * One dishonest participant of any ceremony, who sends what it likes and signs it, and what must hold of the honest ones
 * whatever it sends (specification sections 2, 9 and 16). Every run has the same randomness: a run in which nothing is
 * changed is the honest run, byte for byte.
 */
import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import { type ProtocolFailure } from '../errors';
import { judgeEvidence } from '../evidence/judge-evidence';
import { domain } from '../hash';
import { type RandomSource } from '../random';
import { findEquivocations } from '../session/equivocation';
import {
  BROADCAST,
  encodeHeader,
  type Frame,
  FRAME_TYPES,
  type FrameHeader,
  HEADER_BYTES,
  parseFrame,
} from '../session/frame';
import {
  decryptMessage,
  encryptMessage,
  ExchangeKey,
  type MessageContext,
  TAG_BYTES,
} from '../session/p2p-encryption';
import { type Session, type SessionOutcome, type StepOutput } from '../session/session';
import { type SessionStart } from '../session/session-start';
import { type Order, type Run, runSessions } from './ceremony-network';
import { SecretSearch } from './secret-search';
import { seededRandom } from './seeded-random';
import { identityOf } from './trusted-dealer';

/** A ceremony that can be run again and again. */
export interface Scene<R, P> {
  readonly name: string;
  readonly start: SessionStart;
  /** The dishonest participant. */
  readonly corrupt: number;
  sessions(randomOf: (index: number) => RandomSource): ReadonlyMap<number, Session<R, P>>;
  /** What is public of a result, and the same at all parties. */
  facts(result: R): unknown;
  /** @throws Error when the result is of no use to its party */
  check(result: R, party: number): void;
  /** What is secret in a result: at least 32 bytes each. */
  secretsOf(result: R): readonly Buffer[];
}

/** A message of the dishonest party on its way to one receiver. */
export interface Shot {
  /** As its session signed it. */
  readonly frame: Frame;
  readonly receiver: number;
  /** The payload before encryption. */
  readonly plaintext: Buffer;
}

/** What a run under attack came to. Of the honest parties only. */
export interface Attack<R> {
  readonly outcomes: ReadonlyMap<number, SessionOutcome<R>>;
  readonly failures: ReadonlyMap<number, ProtocolFailure>;
  readonly results: ReadonlyMap<number, R>;
  /** How the session of the dishonest party ended, which does not know what is done in its name. */
  readonly corrupt: SessionOutcome<R> | undefined;
  /** Frames that honest parties sent, in order. */
  readonly sent: readonly Buffer[];
}

const CLASSES = ['CONFIG', 'TIMEOUT', 'AGREE', 'IDENT-P', 'IDENT', 'BAN', 'UNATTRIBUTED'];
/** Classes whose accused is penalised (section 9). */
const PENALISED = ['IDENT-P', 'IDENT', 'BAN'];

export class Adversary<R, P> {
  /** The run without an attack. */
  readonly honest: Attack<R>;
  /** What the dishonest party sends in it. */
  readonly shots: readonly Shot[];
  readonly receivers: readonly number[];
  private readonly identities: ReadonlyMap<number, Uint8Array>;
  /** First bytes that each party draws: its X25519 secret. */
  private readonly exchangeSecrets = new Map<number, Buffer>();
  private readonly secrets = new SecretSearch();
  /** All frames that were ever sent, and those of honest parties that were searched. */
  private readonly wire = new Set<string>();
  private readonly searched = new Set<string>();
  /** Verdicts on evidence: verifying its signatures again and again would take most of the time. */
  private readonly verdicts = new Map<string, readonly number[]>();
  private readonly opened = new Map<string, Shot>();

  constructor(readonly scene: Scene<R, P>) {
    const { start, corrupt } = scene;
    const participants = start.participants.map(({ index }) => index);
    this.identities = new Map(participants.map((i) => [i, identityOf(i).identityKey]));
    this.receivers = participants.filter((i) => i !== corrupt);
    const frames: [Buffer, number][] = [];
    this.honest = this.run((frame, receiver) => {
      frames.push([frame, receiver]);
      return [frame];
    });
    this.secrets.release(this.honest.sent);
    for (const result of this.honest.results.values()) {
      for (const secret of scene.secretsOf(result)) this.secrets.add(secret);
    }
    for (const frame of this.honest.sent) this.searchFrame(frame);
    this.checkResults(this.honest);
    this.shots = frames.map(([frame, receiver]) => this.shot(frame, receiver));
  }

  /** How many of the values that honest parties drew are public in the honest run. */
  get publicDraws(): number {
    return this.secrets.released;
  }

  /** The message of an honest party that has the form of the shot, before encryption. */
  counterpart({ frame, plaintext }: Shot): Buffer | undefined {
    const { corrupt } = this.scene;
    for (const bytes of this.honest.sent) {
      const parsed = parseFrame(bytes);
      const isLike = parsed?.round === frame.round && (parsed.to === BROADCAST) === (frame.to === BROADCAST);
      if (!isLike || (parsed.to !== BROADCAST && parsed.to !== corrupt)) continue;
      const opened = this.open(parsed, corrupt);
      if (opened.length === plaintext.length) return opened;
    }
    return undefined;
  }

  /**
   * Runs with frames of the dishonest party replaced, and checks what must hold of every run.
   *
   * @throws Error naming what does not hold
   */
  attack(tamper: (shot: Shot) => readonly Buffer[], order?: Order): Attack<R> {
    let isComplete = true;
    const attack = this.run((frame, receiver) => {
      const frames = tamper(this.shot(frame, receiver));
      isComplete &&= frames.some((it) => it.equals(frame));
      return [...frames];
    }, order);
    this.checkFailures(attack);
    this.checkResults(attack);
    for (const frame of attack.sent) this.searchFrame(frame);
    const { outcomes, failures } = attack;
    const isSilent = failures.size === 0 && outcomes.size < this.receivers.length;
    if (isSilent && isComplete) throw new Error('a party waits although it has every message');
    return attack;
  }

  /** A frame of the shot with other bytes before encryption, or another header, signed by the dishonest party. */
  forge(
    { frame, receiver, plaintext }: Shot,
    change: Buffer = plaintext,
    header: Partial<FrameHeader> = {},
  ): Buffer {
    const claimed = { ...frame, ...header };
    const length = change.length + (isEncrypted(frame) ? TAG_BYTES : 0);
    const head = encodeHeader(claimed, length);
    const payload = isEncrypted(frame)
      ? encryptMessage(
          this.channel(frame.from, receiver),
          this.context({ ...claimed, from: frame.from }, receiver),
          head,
          change,
        )
      : [change];
    return this.sign(Buffer.concat([head, ...payload]));
  }

  /** Header and payload with a signature of the dishonest party. */
  sign(unsigned: Buffer): Buffer {
    const signature = identityOf(this.scene.corrupt).sign(
      Buffer.concat([Buffer.from(domain('frame')), unsigned]),
    );
    return Buffer.concat([unsigned, signature]);
  }

  /** All frames that honest parties hand over after the attack, as `findEquivocations` takes them. */
  accusedByPool({ failures }: Attack<R>): readonly number[] {
    const pool = [...failures.values()].flatMap(({ evidence }) => evidence);
    return this.verdict('pool', pool, () =>
      findEquivocations(pool, this.identities).map(({ accused }) => accused),
    );
  }

  private verdict(
    kind: string,
    frames: readonly Buffer[],
    judge: () => readonly number[],
  ): readonly number[] {
    const key = [kind, ...new Set(frames.map(digestOf))].join();
    const known = this.verdicts.get(key) ?? judge();
    this.verdicts.set(key, known);
    return known;
  }

  private run(tamper: (frame: Buffer, receiver: number) => Buffer[], order?: Order): Attack<R> {
    const { scene } = this;
    const sessions = scene.sessions((index) => this.randomOf(index));
    const watched = new Map(
      [...sessions].map(([i, session]) => [i, i === scene.corrupt ? session : watch(session)]),
    );
    const run: Run<R, P> = runSessions(
      watched,
      (frame, from, to) => {
        const frames = from === scene.corrupt ? tamper(frame, to) : [frame];
        for (const it of frames) this.wire.add(digestOf(it));
        return frames;
      },
      order,
    );
    const outcomes = new Map([...run.outcomes].filter(([party]) => party !== scene.corrupt));
    const entries = [...outcomes];
    return {
      outcomes,
      failures: new Map(
        entries.flatMap(([i, it]) => (it.kind === 'failure' ? [[i, it.failure] as const] : [])),
      ),
      results: new Map(entries.flatMap(([i, it]) => (it.kind === 'result' ? [[i, it.value] as const] : []))),
      corrupt: run.outcomes.get(scene.corrupt),
      sent: run.sent.filter(({ from }) => from !== scene.corrupt).map(({ frame }) => frame),
    };
  }

  private randomOf(index: number): RandomSource {
    const random = seededRandom(`${this.scene.name}/${index}`);
    return (bytes) => {
      const drawn = random(bytes);
      if (!this.exchangeSecrets.has(index)) this.exchangeSecrets.set(index, Buffer.from(drawn));
      if (index !== this.scene.corrupt) this.secrets.add(drawn);
      return drawn;
    };
  }

  private shot(bytes: Buffer, receiver: number): Shot {
    const key = `${receiver} ${digestOf(bytes)}`;
    const known = this.opened.get(key);
    if (known) return known;
    const frame = parseFrame(bytes);
    if (!frame) throw new Error('the dishonest party begins with a frame');
    const shot = { frame, receiver, plaintext: this.open(frame, receiver) };
    this.opened.set(key, shot);
    return shot;
  }

  /** A copy of the payload before encryption. */
  private open(frame: Frame, receiver: number): Buffer {
    if (!isEncrypted(frame)) return Buffer.from(frame.payload);
    const header = frame.bytes.subarray(0, HEADER_BYTES);
    const channel = this.channel(frame.from, receiver);
    const plaintext = decryptMessage(channel, this.context(frame, receiver), header, frame.payload);
    if (!plaintext) throw new Error('both ends of a channel can open a message');
    return plaintext;
  }

  private exchangeKey(party: number): ExchangeKey {
    return new ExchangeKey(() => Buffer.from(this.exchangeSecrets.get(party) ?? Buffer.alloc(0)));
  }

  private channel(from: number, to: number): Buffer {
    const shared = this.exchangeKey(from).agree(this.exchangeKey(to).publicKey);
    if (!shared) throw new Error('no channel');
    return shared;
  }

  private context({ sid, round, from }: FrameHeader, to: number): MessageContext {
    const [fromKey, toKey] = [this.exchangeKey(from).publicKey, this.exchangeKey(to).publicKey];
    return { sid, from, to, round, fromKey, toKey };
  }

  private checkResults({ results }: Attack<R>): void {
    const { scene } = this;
    const facts = new Set([...results.values()].map((result) => JSON.stringify(scene.facts(result))));
    if (facts.size > 1) throw new Error('honest parties have results that differ');
    for (const [party, result] of results) scene.check(result, party);
  }

  private checkFailures(attack: Attack<R>): void {
    const { start, corrupt } = this.scene;
    for (const [party, failure] of attack.failures) {
      const { failureClass, check, accused, evidence } = failure;
      const says = `party ${party}: ${failure.message}`;
      if (!CLASSES.includes(failureClass)) throw new Error(`unknown class: ${says}`);
      for (const frame of evidence) {
        if (!this.wire.has(digestOf(frame))) throw new Error(`evidence that nobody sent: ${says}`);
      }
      this.searchText(failure);
      const isBlamed = PENALISED.includes(failureClass) && accused !== corrupt;
      if (isBlamed) throw new Error(`not the dishonest party: ${says}`);
      if (failureClass === 'IDENT' && evidence.length === 0) throw new Error(`no evidence: ${says}`);
      if (start.purpose !== 'dkg' && start.purpose !== 'reshare') continue;
      const [convicted] = this.verdict('judge', evidence, () => {
        const verdict = judgeEvidence(start, evidence);
        return verdict ? [verdict.accused] : [];
      });
      if (convicted !== undefined && convicted !== corrupt) {
        throw new Error(`the judge convicts ${convicted}: ${says}`);
      }
      const isJudged = failureClass === 'IDENT' && check !== 'reshare.r2.constant';
      if (isJudged && convicted === undefined) throw new Error(`the evidence does not convince: ${says}`);
    }
    if (this.accusedByPool(attack).some((accused) => accused !== corrupt))
      throw new Error('an honest party equivocated');
  }

  private searchText(failure: ProtocolFailure): void {
    const { message, stack, name, failureClass, check, accused, evidence, ...rest } = failure;
    const shown = [
      message,
      stack,
      name,
      failureClass,
      check,
      accused,
      inspect(rest, { depth: 9, showHidden: true }),
    ];
    const found = this.secrets.inText(
      shown.join('\n') + JSON.stringify({ ...failure, evidence: evidence.length }),
    );
    if (found) throw new Error(`a secret in the failure ${message}`);
  }

  private searchFrame(frame: Buffer): void {
    const key = digestOf(frame);
    if (this.searched.has(key)) return;
    this.searched.add(key);
    const found = this.secrets.inBytes(frame);
    if (found) throw new Error(`a secret in a frame of round ${parseFrame(frame)?.round}`);
  }
}

function digestOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64');
}

/** Direct messages are encrypted, but those of the first round of presigning (section 2). */
function isEncrypted({ type, round, to }: FrameHeader): boolean {
  return to !== BROADCAST && !(type === FRAME_TYPES.presign && round === 1);
}

/** The session, whose steps are checked. */
function watch<R, P>(session: Session<R, P>): Session<R, P> {
  let hasEnded = false;
  const take = (step: StepOutput<R, P>) => {
    const { outcome, outgoing } = step;
    if (hasEnded && (outcome ?? outgoing.length > 0)) throw new Error('a session goes on after its end');
    hasEnded ||= outcome !== undefined;
    const isBan = outcome?.kind === 'failure' && outcome.failure.failureClass === 'BAN';
    if (isBan && outgoing.length > 0) throw new Error('a frame leaves with a BAN');
    return step;
  };
  const { sid } = session;
  return {
    sid,
    start: () => take(session.start()),
    receive: (frame) => take(session.receive(frame)),
    abort: () => session.abort(),
  };
}
