import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** `docker inspect`, as far as the tests look at it. */
const inspected = z.array(
  z.object({
    Name: z.string(),
    RestartCount: z.number(),
    State: z.object({
      Status: z.string(),
      ExitCode: z.number(),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    Config: z.object({ Image: z.string(), User: z.string(), Labels: z.record(z.string(), z.string()) }),
    HostConfig: z.object({
      ReadonlyRootfs: z.boolean(),
      Privileged: z.boolean(),
      Memory: z.number(),
      PidsLimit: z.number().nullable(),
    }),
    Mounts: z.array(z.object({ Source: z.string(), Destination: z.string(), RW: z.boolean() })),
    NetworkSettings: z.object({
      Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
    }),
  }),
);

export interface InspectedContainer {
  service: string;
  /** Everything that `docker inspect` says, as text. */
  text: string;
  facts: z.output<typeof inspected>[number];
}

/** All containers of a compose project, also those that have ended. */
export async function inspectedContainers(project: string): Promise<InspectedContainer[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  const { stdout: ids } = await run('docker', ['ps', '--all', '--quiet', '--filter', filter]);
  const { stdout: text } = await run('docker', ['inspect', ...ids.split('\n').filter((id) => id !== '')]);
  const raw = JSON.parse(text) as unknown[];
  return inspected.parse(raw).map((facts, index) => ({
    service: facts.Config.Labels['com.docker.compose.service'] ?? facts.Name,
    text: JSON.stringify(raw[index]),
    facts,
  }));
}
