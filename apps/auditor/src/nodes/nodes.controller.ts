import { Controller, Get, Header } from '@nestjs/common';
import { HeartbeatReader } from './heartbeat-reader';
import { type NodeView } from './node-reports';

@Controller('v1/nodes')
export class NodesController {
  constructor(private readonly reader: HeartbeatReader) {}

  /** The nodes as their last heartbeats say. */
  @Get()
  @Header('cache-control', 'no-store')
  list(): { now: string; nodes: NodeView[]; problem: string | null } {
    const now = new Date();
    const { reader } = this;
    return { now: now.toISOString(), nodes: reader.nodes(now.getTime()), problem: reader.problem };
  }
}
