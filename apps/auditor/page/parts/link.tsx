import { type ComponentChildren, type JSX } from 'preact';
import { pathOf, type Route } from '../address/route';
import { useApp } from './app-context';

interface LinkProps {
  readonly to: Route;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly title?: string | undefined;
  readonly isCurrent?: boolean;
}

/** A link within the page; opens in a new tab as any other does. */
export function Link({ to, children, isCurrent = false, ...rest }: LinkProps) {
  const { navigation } = useApp();
  const follow = (event: JSX.TargetedMouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigation.go(to);
  };
  return (
    <a href={pathOf(to)} onClick={follow} aria-current={isCurrent ? 'page' : undefined} {...rest}>
      {children}
    </a>
  );
}
