import { type Fact } from '../timeline/facts';
import { CodeText } from './code-text';
import { Link } from './link';
import { shorten } from '../text/shorten';

/** What is known of something, a line each. */
export function FactsList({ facts }: { readonly facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <dl class="facts">
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>
            <FactValue fact={fact} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FactValue({ fact: { as, label, value } }: { readonly fact: Fact }) {
  switch (as) {
    case 'text':
      return <>{value}</>;
    case 'hash':
      return <CodeText text={value} what={label.toLowerCase()} />;
    case 'story':
      return (
        <Link to={{ view: 'story', id: value }} title={value}>
          <code>{shorten(value, 22)}</code>
        </Link>
      );
    case 'key':
      return (
        <Link to={{ view: 'search', query: { keyId: value } }} title={value}>
          <code>{shorten(value, 22)}</code>
        </Link>
      );
  }
}
