import { type Route } from '../address/route';
import { Mark } from '../parts/icons';
import { Link } from '../parts/link';
import { HeadStatus } from './head-status';
import { SearchForm } from './search-form';

export function PageHeader({ route }: { readonly route: Route }) {
  return (
    <header class="page-header">
      <div class="header-inner">
        <Link to={{ view: 'latest' }} class="brand">
          <Mark />
          <span>
            Quorate <span class="brand-what">audit log</span>
          </span>
        </Link>
        <SearchForm text={route.view === 'search' ? (route.query.q ?? '') : ''} />
        <nav aria-label="Views">
          <Link to={{ view: 'latest' }} isCurrent={route.view === 'latest'}>
            Latest
          </Link>
          <Link to={{ view: 'nodes' }} isCurrent={route.view === 'nodes'}>
            Nodes
          </Link>
          <HeadStatus isCurrent={route.view === 'checkpoint'} />
        </nav>
      </div>
    </header>
  );
}
