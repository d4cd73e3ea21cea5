import type { AuditEvent } from '@medplum/fhirtypes';
import { auditIdOf } from '../../interaction/audit/auditId.ts';
import type { EventRecord } from '../../interaction/audit/eventRecord.ts';
import { system } from '../../terminology/system.ts';
import { whoIs, type RecordPlace } from './auditEvent.ts';

export type { EventRecord };

/** DICOM has codes for signing in and out; the others are ours. */
const ofDicom: Readonly<Partial<Record<EventRecord['e'], readonly [code: string, display: string]>>> = {
  'sign-in': ['110122', 'Login'],
  'sign-out': ['110123', 'Logout'],
};

/** The AuditEvent of what the authorization server did: User Authentication, as DICOM has it. */
export function signInEvent(record: EventRecord, { chain, seq, base }: RecordPlace): AuditEvent {
  const { t, e, s, a, c, u, f } = record;
  const known = ofDicom[e];
  const network = a === undefined ? {} : { network: { address: a, type: '2' as const } };
  return {
    resourceType: 'AuditEvent',
    id: auditIdOf(chain, seq),
    type: { system: system.dicom, code: '110114', display: 'User Authentication' },
    subtype: [
      known
        ? { system: system.dicom, code: known[0], display: known[1] }
        : { system: system.auditEvent, code: e },
    ],
    action: 'E',
    recorded: new Date(t).toISOString(),
    outcome: s,
    agent: [
      ...(u === undefined ? [] : [{ who: whoIs(u, f), requestor: true, ...network }]),
      ...(c === undefined
        ? []
        : [
            {
              who: { identifier: { system: system.clientId, value: c } },
              requestor: u === undefined,
              ...network,
            },
          ]),
      ...(u === undefined && c === undefined
        ? [{ who: { display: record.w === undefined ? 'not known' : command }, requestor: true, ...network }]
        : []),
    ],
    source: {
      observer: { display: base },
      type: [{ system: system.securitySourceType, code: '6', display: 'Security Server' }],
    },
    ...entitiesOf(record),
  };
}

/** Who runs a command is known to the machine, not to the server. */
const command = 'a command on the machine of the server';

/** What was granted, and of a command what it was about and the roles that it gave. */
function entitiesOf({ e, d, w }: EventRecord): Pick<AuditEvent, 'entity'> {
  const type = e === 'request-refused' ? 'error' : w === undefined ? 'scope' : 'roles';
  const detail = d === undefined ? {} : { detail: [{ type, valueString: d }] };
  if (w === undefined) return d === undefined ? {} : { entity: [detail] };
  const of = e.startsWith('client') ? system.clientId : system.accountName;
  return { entity: [{ what: { identifier: { system: of, value: w } }, ...detail }] };
}
