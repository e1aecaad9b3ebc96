import { Fatal, Invalid } from '@quorate/platform';
import {
  Connection,
  DatabaseError,
  type PoolClient,
  Query,
  type QueryConfig,
  type QueryResult,
  type QueryResultRow,
} from 'pg';

/** A statement was not executed, because an earlier one that travelled with it failed. */
export class StatementSkipped extends Invalid {
  /** @param failure of the statement before it */
  constructor(readonly failure: Error) {
    super('transaction-aborted', `An earlier statement failed: ${failure.message}`, { cause: failure });
  }
}

/**
 * The statements of one transaction. Those that are given in one turn of the event loop travel in one write, are executed
 * until one of them fails, and are answered in one write: node-postgres alone would have each of them answered by itself.
 */
export class Pipeline {
  private waiting: Statement[] = [];
  private hasSent = false;
  private isClosed = false;

  constructor(private readonly client: PoolClient) {}

  /** Whether statements have left, and not only wait to. */
  get isUnderway(): boolean {
    return this.hasSent;
  }

  /** Throws what node-postgres throws, and StatementSkipped. */
  run<T extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<T>> {
    return new Promise((resolve, reject) => {
      if (this.isClosed)
        throw new Fatal('transaction-over', 'A statement was given after its transaction had ended');
      if (this.waiting.length === 0) process.nextTick(() => this.send());
      this.waiting.push(new Statement(config, { resolve, reject }));
    });
  }

  /** Sends what was given so far; what follows is executed also when that fails. */
  send(): void {
    if (this.waiting.length === 0) return;
    this.hasSent = true;
    this.client.query(new Bundle(this.waiting.splice(0)));
  }

  /** The connection goes to somebody else: statements that come too late fail. */
  close(): void {
    this.isClosed = true;
  }
}

interface Answer {
  resolve: (result: QueryResult) => void;
  reject: (error: Error) => void;
}

/** A query of node-postgres, by the extended protocol, with what its types do not declare. */
class Statement extends Query {
  declare readonly text: string;
  declare readonly submit: (connection: Connection) => Error | null;
  declare readonly handleRowDescription: (message: unknown) => void;
  declare readonly handleDataRow: (message: unknown) => void;
  declare readonly handleCommandComplete: (message: unknown, connection: Connection) => void;
  declare readonly handleReadyForQuery: (connection: Connection) => void;
  readonly name: string | undefined;
  readonly queryMode = 'extended';
  readonly callback: (error: Error | null, result?: QueryResult) => void;
  /** When it has failed already: its values cannot be sent. */
  failure: Error | undefined;

  constructor({ name, text, values }: QueryConfig, { resolve, reject }: Answer) {
    // Not the configuration, which would be copied property by property.
    super(text, values);
    this.name = name;
    this.callback = (error, result) => {
      this.failure = error ?? undefined;
      if (result !== undefined) resolve(result);
      else reject(error ?? new Error('No result'));
    };
  }
}

const SYNC = Buffer.from('S\0\0\0\u0004', 'latin1');

/** Several statements that the client takes for one query, because there is one Sync after all of them. */
class Bundle extends Query {
  name: string | undefined;
  text = '';
  private readonly open: Statement[];

  constructor(statements: Statement[]) {
    super('');
    this.open = statements;
    this.showCurrent();
  }

  override submit = (connection: Connection): void => {
    const sent: Buffer[] = [];
    const recorder = record(connection, sent);
    for (const [index, statement] of this.open.entries()) {
      const before = sent.length;
      const refusal = statement.submit(recorder) ?? statement.failure;
      if (refusal !== undefined) {
        sent.length = before;
        this.fail(index, refusal, new StatementSkipped(refusal), connection);
        break;
      }
    }
    if (connection.stream.writable) connection.stream.write(Buffer.concat([...sent, SYNC]));
  };

  handleRowDescription(message: unknown): void {
    this.open[0]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.open[0]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    const statement = this.open.shift();
    statement?.handleCommandComplete(message, connection);
    statement?.handleReadyForQuery(connection);
    this.showCurrent();
  }

  handleEmptyQuery(connection: Connection): void {
    this.open.shift()?.handleReadyForQuery(connection);
    this.showCurrent();
  }

  handleReadyForQuery(): void {
    // Its statements have had their answers.
  }

  handleError(error: Error, connection: Connection): void {
    // What is not Postgres's is the connection's: then nobody knows what was executed.
    this.fail(0, error, error instanceof DatabaseError ? new StatementSkipped(error) : error, connection);
  }

  private fail(index: number, error: Error, following: Error, connection: Connection): void {
    for (const [n, statement] of this.open.splice(index).entries()) {
      forget(statement, connection);
      if (statement.failure === undefined) statement.callback(n === 0 ? error : following);
    }
  }

  /** Under name and text the client remembers what was parsed. */
  private showCurrent(): void {
    this.name = this.open[0]?.name;
    this.text = this.open[0]?.text ?? '';
  }
}

/** Keeps what is sent, without its Syncs, instead of sending it. */
function record(connection: Connection, sent: Buffer[]): Connection {
  const recorder: unknown = Object.create(connection, {
    _send: { value: (bytes: Buffer) => sent.push(bytes) },
    sync: { value: () => undefined },
  });
  if (!(recorder instanceof Connection)) throw new TypeError('Not a connection of node-postgres');
  return recorder;
}

/** The client takes a named statement for parsed as soon as it is sent. */
function forget({ name }: Statement, connection: Connection): void {
  const submitted: unknown = Reflect.get(connection, 'submittedNamedStatements');
  if (name !== undefined && typeof submitted === 'object' && submitted !== null)
    Reflect.deleteProperty(submitted, name);
}
