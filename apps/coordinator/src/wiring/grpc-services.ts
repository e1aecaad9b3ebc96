import { type GrpcService } from '../adapters/grpc-server';
import { ControlService } from '../control/control.service';
import { CreateKeyCheck } from '../control/create-key';
import { OperatorCommands } from '../control/operator-command';
import { RequestLookup } from '../control/request-lookup';
import { type NodeDesk } from '../node-session/node-desk';
import { NodeSessionService } from '../node-session/node-session.service';
import { type Shared } from './shared';
import { type StockRoom } from './stock-room';

/** What the coordinator serves on its gRPC port. */
export function wireGrpcServices(shared: Shared, room: StockRoom, desk: NodeDesk): GrpcService[] {
  const { store, outcomes, batches, peers, requesters, sessions, reports, progress, clock, logger } = shared;
  const nodes = new NodeSessionService(sessions, peers, desk, logger);
  const control = new ControlService(
    store,
    new CreateKeyCheck(peers, new OperatorCommands(requesters, clock), sessions),
    room.creation,
    room.keys,
    batches,
    peers,
    sessions,
    reports,
    new RequestLookup(store, outcomes),
    progress,
    logger,
  );
  return [
    { proto: 'node_session', name: 'quorate.node.v1.NodeSession', implementation: { Open: nodes.open } },
    { proto: 'control', name: 'quorate.control.v1.Control', implementation: control.implementation() },
  ];
}
