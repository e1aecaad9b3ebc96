import { Signal } from '../parts/signal';
import { parseRoute, pathOf, type Route } from './route';

/** The browser's address as a signal, and how it changes. */
export class Navigation {
  readonly route: Signal<Route>;

  constructor(private readonly window: Window) {
    this.route = new Signal(this.current());
    window.addEventListener('popstate', () => this.route.set(this.current()));
  }

  /** Goes there, as a new entry of the history. */
  go(route: Route): void {
    this.window.history.pushState(null, '', pathOf(route));
    this.arrive(route);
  }

  /** Goes there in place of where we are: the back button does not lead back here. */
  replace(route: Route): void {
    this.window.history.replaceState(null, '', pathOf(route));
    this.arrive(route);
  }

  private arrive(route: Route): void {
    this.window.scrollTo(0, 0);
    this.route.set(route);
  }

  private current(): Route {
    return parseRoute(new URL(this.window.location.href));
  }
}
