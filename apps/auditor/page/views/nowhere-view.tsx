import { Heading } from '../parts/heading';
import { Link } from '../parts/link';

export function NowhereView() {
  return (
    <>
      <Heading name="There is no such page" />
      <p>
        The address may be mistyped. Search for an id above, or see the{' '}
        <Link to={{ view: 'latest' }}>latest events</Link>.
      </p>
    </>
  );
}
