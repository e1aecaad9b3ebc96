import { type ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** The name of a view: of the tab, too, and where the focus goes when the view opens. */
export function Heading({
  name,
  children,
}: {
  readonly name: string;
  readonly children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name} · Quorate audit log`;
  }, [name]);
  useEffect(() => {
    // Not at the first load: there the focus belongs to the browser.
    if (document.body.dataset['moved'] === 'yes') heading.current?.focus({ preventScroll: true });
    document.body.dataset['moved'] = 'yes';
  }, []);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children ?? name}
    </h1>
  );
}
