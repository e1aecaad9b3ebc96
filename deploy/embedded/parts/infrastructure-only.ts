import { type StackFolders } from '../files/stack-folders';
import { freePorts } from '../ports/free-ports';
import { ProcessGuard } from '../processes/process-guard';
import { Supervisor } from '../processes/supervisor';
import { silentProgress } from '../terminal/progress';
import { type Infrastructure, startInfrastructure } from './infrastructure';

/** A running Kafka, Postgres and chain without services, for integration tests. */
export interface RunningInfrastructure extends Infrastructure {
  supervisor: Supervisor;
  /** Ends every process that was started; the folders stay. */
  stop(): Promise<void>;
}

/** Starts Kafka, Postgres and the chain on free ports; what the environment names is used instead. */
export async function startInfrastructureOnly(folders: StackFolders): Promise<RunningInfrastructure> {
  const guard = await ProcessGuard.start();
  const supervisor = new Supervisor(guard, folders.logs, console.error);
  const stop = async () => {
    await supervisor.stop();
    await guard.release();
  };
  try {
    const [kafka = 0, postgres = 0, chain = 0] = await freePorts(3);
    const parts = await startInfrastructure(supervisor, folders, { kafka, postgres, chain }, silentProgress);
    return { ...parts, supervisor, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
