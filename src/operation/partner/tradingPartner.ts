import type { Endpoint } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Way } from '../../transport/transport.ts';
import { Parts } from './endpointParts.ts';

/** A trading partner as its Endpoint says it: the ids of the envelope, its limits, and how long it may take. */
export interface Partner {
  readonly endpoint: string; // Endpoint/1
  readonly senderQualifier: string; // ISA05 to ISA08
  readonly sender: string;
  readonly receiverQualifier: string;
  readonly receiver: string;
  readonly groupSender: string; // GS02, GS03
  readonly groupReceiver: string;
  readonly usage: 'P' | 'T'; // ISA15
  readonly submitterName: string | undefined;
  readonly receiverName: string | undefined;
  readonly contactPhone: string | undefined;
  readonly firstNumber: number; // ISA13, GS06 and ST02 are no lower
  readonly batchClaims: number; // in one interchange
  readonly batchSeconds: number; // that a claim waits for others
  readonly setClaims: number; // in one ST: a rejection of the set rejects them all
  readonly acknowledgedWithin: number; // hours until a missing 999 or TA1 is a Task; 0 never
  readonly statusWithin: number; // hours until a missing 277CA is a Task; 0 never
  readonly pollSeconds: number;
  readonly quietSeconds: number; // a file that was written to later may not be complete
}

/** Who sends an interchange and who receives it: ISA05 to ISA08. */
export type Between = Pick<Partner, 'senderQualifier' | 'sender' | 'receiverQualifier' | 'receiver'>;

const gateways: Readonly<Record<string, Way['kind']>> = {
  'x12-directory': 'directory',
  'x12-sftp': 'sftp',
  'x12-https': 'core',
};

/** Whether a code of CodeSystem/gateway is one of those that carry X12. */
export const isX12 = (code: string | undefined): boolean =>
  code !== undefined && Object.hasOwn(gateways, code);

export const isTradingPartner = ({ connectionType }: Endpoint): boolean =>
  connectionType.system === system.gateway && isX12(connectionType.code);

const day = 86_400;

export function partnerOf(endpoint: Endpoint): Partner {
  const parts = new Parts(endpoint, extension.tradingPartner);
  const sender = parts.text('sender') ?? '';
  const receiver = parts.text('receiver') ?? '';
  return {
    endpoint: referenceText(endpoint),
    senderQualifier: parts.text('senderQualifier') ?? 'ZZ',
    sender,
    receiverQualifier: parts.text('receiverQualifier') ?? 'ZZ',
    receiver,
    groupSender: parts.text('groupSender') ?? sender,
    groupReceiver: parts.text('groupReceiver') ?? receiver,
    usage: parts.text('usage') === 'P' && endpoint.status === 'active' ? 'P' : 'T',
    submitterName: parts.text('submitterName'),
    receiverName: parts.text('receiverName') ?? endpoint.name,
    contactPhone: parts.text('contactPhone'),
    firstNumber: parts.number('firstNumber', 1, [1, 900_000_000]),
    batchClaims: parts.number('batchClaims', 500, [1, 5000]),
    batchSeconds: parts.number('batchSeconds', 60, [0, day]),
    setClaims: parts.number('setClaims', 100, [1, 5000]),
    acknowledgedWithin: parts.number('acknowledgedWithin', 24, [0, 24 * 90]),
    statusWithin: parts.number('statusWithin', 72, [0, 24 * 90]),
    pollSeconds: parts.number('pollSeconds', 60, [1, day]),
    quietSeconds: parts.number('quietSeconds', 5, [0, 3600]),
  };
}

/** How a partner is reached. */
export function wayOf(endpoint: Endpoint): Way {
  const parts = new Parts(endpoint, extension.tradingPartner);
  const kind = gateways[endpoint.connectionType.code ?? ''] ?? 'directory';
  const secret = parts.text('secret');
  return {
    kind: kind === 'core' && parts.text('envelope') === 'fhir-binary' ? 'fhir-binary' : kind,
    address: endpoint.address,
    folders: {
      out: parts.text('outFolder') ?? 'out',
      in: parts.text('inFolder') ?? 'in',
      archive: parts.text('archiveFolder') ?? 'archive',
      failed: parts.text('failedFolder') ?? 'failed',
    },
    hostKeys: parts.texts('hostKey'),
    ...(secret === undefined ? {} : { secret }),
    sender: parts.text('sender') ?? '',
    receiver: parts.text('receiver') ?? '',
    pickup: parts.texts('pickup'),
  };
}

const isaId = /^[\x20-\x7d]{2,15}$/;

/** Why no interchange can be made for an Endpoint; undefined when it says all that is needed. */
export function faultOfPartner(partner: Partner): string | undefined {
  const { senderQualifier, sender, receiverQualifier, receiver } = partner;
  if (!isaId.test(sender) || !isaId.test(receiver))
    return 'extension trading-partner of the Endpoint needs sender and receiver of 2 to 15 characters';
  if (![senderQualifier, receiverQualifier].every((q) => /^[0-9A-Z]{2}$/.test(q)))
    return 'a qualifier of an interchange id has two characters';
  return undefined;
}

/** Our id and the partner's: control numbers are unique for the two, whichever Endpoint they are sent through. */
export const idsOf = (partner: Between): string =>
  `${partner.senderQualifier}${partner.sender.trim()}>${partner.receiverQualifier}${partner.receiver.trim()}`;
