/** What is worth knowing of an event, in the words of the page. */
import { type LogEvent } from '../api/answers';
import { type Json } from '../api/reader';
import { gweiText, weiText } from '../text/amounts';
import { clientContent, objectField, signersOf, textField, textList, typeOf } from './fields';

/** `as` says how the value is shown: hashes and ids are shortened and can be copied, stories are links. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly as: 'text' | 'hash' | 'story' | 'key';
}

type Row = readonly [label: string, value: string | undefined, as?: Fact['as']];

export function factsOf(event: LogEvent): Fact[] {
  const rows = rowsOf(event);
  return rows.flatMap(([label, value, as = 'text']) => (value === undefined ? [] : [{ label, value, as }]));
}

function rowsOf(event: LogEvent): Row[] {
  const { data } = event;
  const text = (name: string) => textField(data, name);
  switch (typeOf(event)) {
    case 'tx.requested':
      return [
        ...intentRows(clientContent(event)),
        approvals(data),
        ['Hash of the request', text('intentHash'), 'hash'],
      ];
    case 'tx.amended':
      return amendmentRows(clientContent(event));
    case 'tx.authorized':
      return [['Sender', text('from'), 'hash']];
    case 'tx.nonce-reserved':
    case 'tx.filler-created':
      return [
        ['Nonce', text('nonce')],
        ['Lane', text('from'), 'hash'],
        ['Chain', text('chainId')],
      ];
    case 'tx.priced':
      return [
        ['Fee at most', per(text('maxFeePerGas'))],
        ['Priority fee', per(text('maxPriorityFeePerGas'))],
        ['Gas limit', text('gasLimit')],
        ['Kind', text('kind') === 'cancel' ? 'cancelling transfer' : undefined],
        ['Digest', text('digest'), 'hash'],
      ];
    case 'tx.signature-requested':
      return [['Request', text('requestId'), 'story']];
    case 'sign.requested':
      return [...payloadRows(clientContent(event), data), approvals(data)];
    case 'sign.completed':
      return signatureRows(data);
    case 'tx.signed':
    case 'tx.broadcast':
      return [['Transaction', text('hash'), 'hash']];
    case 'tx.included':
      return [
        ...blockRows(data),
        ['Result', text('status')],
        ['Gas used', text('gasUsed')],
        ['Price paid', per(text('effectiveGasPrice'))],
        ['Reason', text('reason')],
      ];
    case 'tx.confirmed':
    case 'tx.reverted':
    case 'tx.finalized':
    case 'tx.reorged':
      return [...blockRows(data), ['Confirmations', text('confirmations')], ['Reason', text('reason')]];
    case 'tx.cancelled':
      return [['By', text('by')], ['Transaction', text('hash'), 'hash'], ...blockRows(data)];
    case 'key.generated':
      return [
        ['Key', text('keyId'), 'key'],
        ['Scheme', text('scheme')],
        ['Threshold', text('threshold')],
        ['Nodes', textList(data, 'participants').join(', ') || undefined],
      ];
    default:
      return otherRows(data);
  }
}

function intentRows(intent: Json | undefined): Row[] {
  const text = (name: string) => textField(intent, name);
  const data = text('data');
  return [
    ['Pays', amount(text('value'))],
    ['To', text('to'), 'hash'],
    ['Chain', text('chainId')],
    ['Data', data === '0x' ? undefined : data, 'hash'],
    ['Fee at most', per(text('maxFeePerGas'))],
    ['Cost at most', amount(text('maxCost'))],
    ['Key', text('keyId'), 'key'],
    ['Path', text('path')],
  ];
}

function amendmentRows(amendment: Json | undefined): Row[] {
  const text = (name: string) => textField(amendment, name);
  return [
    ['Asks to', amendment?.['cancel'] === true ? 'cancel' : undefined],
    ['Fee at most', per(text('maxFeePerGas'))],
    ['Cost at most', amount(text('maxCost'))],
    ['Expires', text('expiresAt')],
  ];
}

function payloadRows(request: Json | undefined, data: Json | null): Row[] {
  const payload = objectField(request, 'payload');
  return [
    ['To sign', textField(payload, 'kind') ?? textField(data, 'payloadKind')],
    ['Message', textField(payload, 'message'), 'hash'],
    ['Digest', textField(data, 'digest'), 'hash'],
    ['Key', textField(data, 'keyId'), 'key'],
    ['Path', textField(data, 'path')],
    ['Hash of the request', textField(data, 'requestHash'), 'hash'],
  ];
}

function signatureRows(data: Json | null): Row[] {
  const signature = objectField(data, 'signature');
  return [
    ['r', textField(signature, 'r'), 'hash'],
    ['s', textField(signature, 's'), 'hash'],
    ['yParity', textField(signature, 'yParity')],
    ['Signature', textField(signature, 'bytes'), 'hash'],
    ['Public key', textField(data, 'publicKey'), 'hash'],
    ['Address', textField(data, 'address'), 'hash'],
    ['Digest', textField(data, 'digest'), 'hash'],
  ];
}

function blockRows(data: Json | null): Row[] {
  const block = objectField(data, 'block');
  return [
    ['Block', textField(block, 'number')],
    ['Block hash', textField(block, 'hash'), 'hash'],
    ['Transaction', textField(data, 'hash'), 'hash'],
  ];
}

function approvals(data: Json | null): Row {
  return ['Approved by', signersOf(textList(data, 'approvals')).join(', ') || undefined];
}

function otherRows(data: Json | null): Row[] {
  const text = (name: string) => textField(data, name);
  return [
    ['Node', text('node')],
    ['With', text('peer')],
    ['Code', text('code')],
    ['Rule', text('rule')],
    ['Reason', text('reason')],
    ['Key', text('keyId'), 'key'],
    ['Committee', textList(data, 'committee').join(', ') || undefined],
  ];
}

function amount(wei: string | undefined): string | undefined {
  return wei === undefined ? undefined : weiText(wei);
}

function per(wei: string | undefined): string | undefined {
  return wei === undefined ? undefined : `${gweiText(wei)} per gas`;
}
