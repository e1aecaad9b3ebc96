import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Navigation } from '../address/navigation';
import { type AuditApi } from '../api/audit-api';
import { type Session } from '../session/session';
import { type KeyRing } from '../trust/trusted-keys';
import { type LogWatch } from '../verification/log-watch';

/** What all views share. */
export interface AppParts {
  readonly api: AuditApi;
  readonly session: Session;
  readonly keys: KeyRing;
  readonly watch: LogWatch;
  readonly navigation: Navigation;
}

export const AppContext = createContext<AppParts | undefined>(undefined);

export function useApp(): AppParts {
  const parts = useContext(AppContext);
  if (parts === undefined) throw new Error('there is no AppContext');
  return parts;
}
