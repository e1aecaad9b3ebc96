/** PromQL as the tests of alerts and dashboards read it, by the grammar that Prometheus's own editor uses. */
import { parser } from '@prometheus-io/lezer-promql';

/** A metric in an expression, and the labels by which it is picked. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What an expression asks for. */
export interface Query {
  readonly selectors: readonly Selector[];
  /** Labels of `by`, `without`, `on`, `ignoring` and `group_*`. */
  readonly grouping: readonly string[];
}

/** @throws Error with the place where an expression is no PromQL; `$variables` of Grafana are durations. */
export function readQuery(expression: string): Query {
  const text = expression.replaceAll(/\$\w+/g, '5m');
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      const words = text.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`no PromQL at character ${node.from} of ${text}`);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      const selector = selectors.at(-1);
      if (node.name === 'LabelName')
        (node.matchContext(['GroupingLabels']) ? grouping : (selector?.labels ?? [])).push(words);
      if (node.name === 'Identifier' && selector?.metric === '') selector.metric = words;
    },
  });
  return { selectors, grouping };
}
