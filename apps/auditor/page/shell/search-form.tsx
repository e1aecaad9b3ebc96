import { type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../parts/app-context';
import { SearchIcon } from '../parts/icons';

/** One field for whatever somebody has: an id, a hash, an address, a type, a service. */
export function SearchForm({ text }: { readonly text: string }) {
  const { navigation } = useApp();
  const [value, setValue] = useState(text);
  useEffect(() => setValue(text), [text]);
  const submit = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const q = value.trim();
    if (q !== '') navigation.go({ view: 'search', query: { q } });
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <label for="search" class="hidden">
        Search by id, hash, address, type or service
      </label>
      <SearchIcon />
      <input
        id="search"
        type="search"
        value={value}
        onInput={(event) => setValue(event.currentTarget.value)}
        placeholder="Paste an id, hash or address"
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        maxLength={400}
        aria-keyshortcuts="/"
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
