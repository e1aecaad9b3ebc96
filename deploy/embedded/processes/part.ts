import { type Stage } from './process-guard';

/** What to execute. `env` replaces the environment; `user` runs it under other ids. */
export interface Command {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  user?: { uid: number; gid: number };
}

/** One process of the stack: how it is started, recognised as ready, and stopped. */
export interface Part {
  name: string;
  stage: Stage;
  /** The signal on which it ends in good order. */
  stopSignal: NodeJS.Signals;
  /** Called before every start, so also after a crash. */
  command(): Promise<Command>;
  /** One attempt: resolves when the part can do its work, throws otherwise. */
  probe(): Promise<void>;
  readyTimeoutMs: number;
  /** The URL whose /healthz and /readyz it serves, where it does. */
  health?: string;
}
