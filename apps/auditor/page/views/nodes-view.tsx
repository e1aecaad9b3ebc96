import { useEffect, useState } from 'preact/hooks';
import { type Heartbeat, type NodeReport, type Stock } from '../api/answers';
import { useApp } from '../parts/app-context';
import { CodeText } from '../parts/code-text';
import { Heading } from '../parts/heading';
import { Link } from '../parts/link';
import { Loading, Notice, ProblemNotice } from '../parts/notice';
import { Ago } from '../parts/time-text';
import { useLoaded } from '../parts/use-loaded';
import { type Tone } from '../text/event-names';
import { shorten } from '../text/shorten';
import { agoText } from '../text/times';

const EVERY_MS = 4_000;

/** The nodes and their stock, as they last said themselves. */
export function NodesView() {
  const { api } = useApp();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setRound((n) => n + 1);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { value, problem, again } = useLoaded('nodes', () => api.nodes(), round);
  return (
    <>
      <Heading name="Nodes" />
      <p class="lead">
        Each node says every two seconds how it is, signed with its own key. This is what they said last; it
        is not part of the log.
      </p>
      {problem === undefined ? null : <ProblemNotice problem={problem} again={again} />}
      {value === undefined && problem === undefined ? <Loading what="Loading the nodes" /> : null}
      {typeof value?.problem !== 'string' ? null : (
        <Notice tone="waiting" title="Heartbeats cannot be read at the moment">
          <p>{value.problem}</p>
        </Notice>
      )}
      {value?.nodes.length === 0 ? (
        <Notice tone="plain" title="No nodes are known">
          <p>PEERS_FILE of the auditor names none.</p>
        </Notice>
      ) : null}
      <ul class="nodes">
        {value?.nodes.map((report) => (
          <NodeCard key={report.node} report={report} most={mostOf(value.nodes)} />
        ))}
      </ul>
    </>
  );
}

const STATES = new Map<string, readonly [name: string, tone: Tone]>(
  Object.entries({
    ready: ['Ready', 'good'],
    'not-ready': ['Not ready', 'bad'],
    old: ['Not heard from', 'bad'],
    silent: ['Never heard from', 'waiting'],
  } as const),
);

/** The fullest stock of all nodes: what bars are drawn against. */
function mostOf(nodes: readonly NodeReport[]): number {
  const stocks = nodes.flatMap(({ heartbeat }) => heartbeat?.stock ?? []);
  return Math.max(1, ...stocks.map(({ unspent }) => unspent));
}

interface NodeCardProps {
  readonly report: NodeReport;
  readonly most: number;
}

function NodeCard({ report: { node, status, ageMs, heartbeat }, most }: NodeCardProps) {
  const [name, tone] = STATES.get(status) ?? [status, 'waiting'];
  const id = `node-${node}`;
  return (
    <li class={`card ${status}`} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{node}</h2>
        <span class={`badge ${tone}`}>{name}</span>
      </div>
      {ageMs === null || heartbeat === null ? (
        <p class="muted">It has not said anything that this auditor could verify. Check that it runs.</p>
      ) : (
        <>
          <p class="muted">
            {status === 'old' ? (
              <>
                Last heartbeat <Ago time={heartbeat.at} />: what follows is how it was then.
              </>
            ) : (
              `Heartbeat ${agoText(ageMs)}`
            )}
          </p>
          <Warnings heartbeat={heartbeat} />
          <Stocks stock={heartbeat.stock} most={most} />
          <dl class="facts">
            <div>
              <dt>Signed ever</dt>
              <dd>{heartbeat.ledgerCount.toLocaleString()} presignatures spent</dd>
            </div>
            <div>
              <dt>Version</dt>
              <dd>{heartbeat.version}</dd>
            </div>
            <div>
              <dt>Policy</dt>
              <dd>
                {heartbeat.policyVersion}{' '}
                <CodeText text={heartbeat.policyHash} what="hash of the policy" longest={11} />
              </dd>
            </div>
            <div>
              <dt>Events</dt>
              <dd>
                <Link to={{ view: 'search', query: { actor: `/node/${node}` } }}>what it decided</Link>
              </dd>
            </div>
          </dl>
        </>
      )}
    </li>
  );
}

function Warnings({ heartbeat: { halts, deadPairs } }: { readonly heartbeat: Heartbeat }) {
  return (
    <>
      {halts.map(({ reason, by }) => (
        <Notice key={`${by} ${reason}`} tone="bad" title={`Halted by ${by}`}>
          <p>{reason}</p>
        </Notice>
      ))}
      {deadPairs.length === 0 ? null : (
        <Notice tone="bad" title="A check between nodes failed">
          <p>It works no more with {[...new Set(deadPairs.map(({ peer }) => peer))].join(', ')}.</p>
        </Notice>
      )}
    </>
  );
}

/** The stock of each key, in all committees that the node is in. */
function Stocks({ stock, most }: { readonly stock: readonly Stock[]; readonly most: number }) {
  if (stock.length === 0) return <p class="muted">No presignatures in stock.</p>;
  return (
    <table class="stock">
      <caption>Presignatures in stock</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">Committee</th>
          <th scope="col">Unspent</th>
        </tr>
      </thead>
      <tbody>
        {stock.map(({ keyId, committee, unspent }) => (
          <tr key={`${keyId} ${committee.join()}`}>
            <th scope="row">
              <span>{committee.join(', ')}</span>
              <Link to={{ view: 'search', query: { keyId } }} title={keyId}>
                <code>{shorten(keyId, 12)}</code>
              </Link>
            </th>
            <td>
              <meter min={0} max={most} value={unspent} aria-hidden="true" />
              <span>{unspent.toLocaleString()}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
