import { useEffect } from 'preact/hooks';
import { type Route } from '../address/route';
import { AppContext, type AppParts, useApp } from '../parts/app-context';
import { useSignal } from '../parts/use-signal';
import { CheckpointView } from '../views/checkpoint-view';
import { EntryView } from '../views/entry-view';
import { LatestView } from '../views/latest-view';
import { NodesView } from '../views/nodes-view';
import { NowhereView } from '../views/nowhere-view';
import { SearchView } from '../views/search-view';
import { SignInView } from '../views/sign-in-view';
import { StoryView } from '../views/story-view';
import { AlarmBanner } from './alarm-banner';
import { PageHeader } from './page-header';

export function App({ parts }: { readonly parts: AppParts }) {
  return (
    <AppContext.Provider value={parts}>
      <Frame />
    </AppContext.Provider>
  );
}

function Frame() {
  const { navigation, session } = useApp();
  const route = useSignal(navigation.route);
  const isLocked = useSignal(session.locked);
  useSlashKey();
  return (
    <>
      <a class="skip" href="#content" onClick={skipToContent}>
        Skip to the content
      </a>
      <PageHeader route={route} />
      <AlarmBanner />
      <main id="content" tabIndex={-1}>
        {isLocked ? <SignInView /> : <View route={route} />}
      </main>
      <footer>
        <p>
          Proofs are checked in this browser, not by the server. <a href="/docs">API</a>
        </p>
      </footer>
    </>
  );
}

function View({ route }: { readonly route: Route }) {
  switch (route.view) {
    case 'latest':
      return <LatestView />;
    case 'search':
      return <SearchView query={route.query} />;
    case 'story':
      return <StoryView key={route.id} id={route.id} />;
    case 'entry':
      return <EntryView key={`${route.log}/${route.index}`} log={route.log} index={route.index} />;
    case 'checkpoint':
      return <CheckpointView />;
    case 'nodes':
      return <NodesView />;
    case 'nowhere':
      return <NowhereView />;
  }
}

/** `/` goes to the search, unless somebody is writing. */
function useSlashKey(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      const isWriting = target?.matches('input, textarea, select') === true;
      if (event.key !== '/' || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      document.querySelector<HTMLInputElement>('#search')?.focus();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

/** Without a fragment in the address, which belongs to the views. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#content')?.focus();
}
