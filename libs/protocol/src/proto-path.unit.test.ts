import { loadSync } from '@grpc/proto-loader';
import { protoPath } from './proto-path';

test('the control plane has every call of interfaces.md, with its JSON names', () => {
  const definition = loadSync(protoPath('control'));
  expect(Object.keys(definition['quorate.control.v1.Control'] ?? {}).sort()).toEqual([
    'CreateKey',
    'GetKey',
    'GetRequest',
    'Halt',
    'ListHalts',
    'ListKeys',
    'ListNodes',
    'RefreshKey',
    'ReshareKey',
    'Resume',
    'RetireKey',
    'UnbanPair',
    'Watch',
  ]);
  expect(JSON.stringify(definition['quorate.control.v1.CreateKeyRequest'])).toContain('"disjointQuorums"');
});

test('the node session is one stream in both directions', () => {
  const service = loadSync(protoPath('node_session'))['quorate.node.v1.NodeSession'];
  expect(service).toMatchObject({ Open: { requestStream: true, responseStream: true } });
});
