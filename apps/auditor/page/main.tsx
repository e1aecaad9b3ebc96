import { render } from 'preact';
import { Navigation } from './address/navigation';
import { AuditApi } from './api/audit-api';
import { App } from './shell/app';
import { readHandover } from './session/fragment';
import { Session } from './session/session';
import { KeyRing } from './trust/trusted-keys';
import { LogWatch } from './verification/log-watch';
import { Memory } from './verification/memory';

const session = new Session(sessionStorage);
const keys = new KeyRing(localStorage);

/** Takes what a link hands over, and takes it off the address bar and the history at once. */
function takeHandover(): void {
  const handover = readHandover(location.hash);
  if (handover === undefined) return;
  history.replaceState(null, '', location.pathname + location.search);
  keys.offer(handover.keys);
  if (handover.token !== undefined) session.unlock(handover.token);
}

takeHandover();
addEventListener('hashchange', takeHandover);

const api = new AuditApi(session);
const watch = new LogWatch(api, keys, new Memory(localStorage), localStorage);
const parts = { api, session, keys, watch, navigation: new Navigation(window) };
session.locked.subscribe(() => void watch.look());
watch.start(document);

const root = document.getElementById('app');
if (root !== null) render(<App parts={parts} />, root);
