import { type GrpcService } from '../adapters/grpc-server';
import { ControlService } from '../control/control.service';
import { KeyCalls } from '../control/key-calls';
import { KeyChecks } from '../control/key-checks';
import { KeyMessages } from '../control/key-message';
import { NodeMessages } from '../control/node-message';
import { OperatorCommands } from '../control/operator-command';
import { RequestLookup } from '../control/request-lookup';
import { type HaltCalls } from '../halt/halt-calls';
import { type NodeDesk } from '../node-session/node-desk';
import { NodeSessionService } from '../node-session/node-session.service';
import { type Shared } from './shared';
import { type StockRoom } from './stock-room';

/** What the coordinator serves on its gRPC port. */
export function wireGrpcServices(
  shared: Shared,
  room: StockRoom,
  desk: NodeDesk,
  halting: HaltCalls,
): GrpcService[] {
  const { store, outcomes, peers, requesters, sessions, reports, progress, logger } = shared;
  const nodes = new NodeSessionService(sessions, peers, desk, shared.confirmations, logger);
  const control = new ControlService(
    wireKeyCalls(shared, room),
    new NodeMessages(peers, sessions, reports, shared.quarantine),
    new RequestLookup(store, outcomes, requesters),
    halting,
    progress,
    logger,
  );
  return [
    { proto: 'node_session', name: 'quorate.node.v1.NodeSession', implementation: { Open: nodes.open } },
    { proto: 'control', name: 'quorate.control.v1.Control', implementation: control.implementation() },
  ];
}

function wireKeyCalls(shared: Shared, room: StockRoom): KeyCalls {
  const { store, batches, lives, orders, peers, requesters, sessions, reports, clock } = shared;
  const { keys } = room;
  return new KeyCalls(
    store,
    new KeyChecks(peers, new OperatorCommands(requesters, clock), sessions, keys, clock),
    new KeyMessages(store, keys, lives, orders, batches, shared.halts),
    keys,
    lives,
    room.orderDesk,
    room.creation,
    room.change,
    room.retirement,
    room.rekey,
    reports,
    clock,
  );
}
