import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventEntity,
  CodeableConcept,
  Coding,
} from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import type { AccessRecord } from '../../interaction/audit/accessRecord.ts';
import { auditIdOf } from '../../interaction/audit/auditId.ts';
import { requestTargetOf } from '../../interaction/rest/requestTarget.ts';
import { interactionOf, type Interaction } from '../../interaction/rest/request.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { system } from '../../terminology/system.ts';
import { purposeOf } from './purpose.ts';

/** Where a record stands, and the base of the server that wrote it. */
export interface RecordPlace {
  readonly chain: string;
  readonly seq: number;
  readonly base: string;
}

/** How BALP describes a kind of access. See https://profiles.ihe.net/ITI/BALP/ */
interface Pattern {
  readonly action: NonNullable<AuditEvent['action']>;
  readonly profile?: string; // where a patient is known, with Patient before it
  readonly data: 'data' | 'query';
  /** Whether what is asked for travels to the client: then the client is the destination. */
  readonly isToClient: boolean;
  readonly user: 'IRCP' | 'AUT';
}

const change = { data: 'data', isToClient: false, user: 'AUT' } as const;
const ask = { data: 'query', isToClient: false, user: 'IRCP' } as const;
const show = { data: 'data', isToClient: true, user: 'IRCP' } as const;
const search: Pattern = { ...ask, action: 'E', profile: 'Query' };
const history: Pattern = { ...ask, action: 'R' };

const patterns: Readonly<Record<Interaction, Pattern>> = {
  read: { ...show, action: 'R', profile: 'Read' },
  vread: { ...show, action: 'R', profile: 'Read' },
  create: { ...change, action: 'C', profile: 'Create' },
  update: { ...change, action: 'U', profile: 'Update' },
  patch: { ...change, action: 'U', profile: 'Update' },
  delete: { ...change, action: 'D', profile: 'Delete' },
  'search-type': search,
  'search-system': search,
  'history-instance': history,
  'history-type': history,
  'history-system': history,
  operation: { ...ask, action: 'E' },
  system: { ...ask, action: 'E' },
  capabilities: { ...ask, action: 'R' },
};
const unknown: Pattern = { ...ask, action: 'E' };

/**
 * The AuditEvents of one access: one, or one for each patient that it was about, as BALP has it. What was refused follows
 * the same pattern and claims no profile, for those are of what succeeded.
 */
export function accessEvents(record: AccessRecord, place: RecordPlace): AuditEvent[] {
  const interaction = interactionIn(record);
  const patients = record.b ?? patientIn(record);
  if (patients.length === 0) return [accessEvent(record, place, { interaction, nth: 0 })];
  return patients.map((patient, nth) => accessEvent(record, place, { interaction, nth, patient }));
}

interface Which {
  readonly interaction: Interaction | undefined;
  readonly nth: number;
  readonly patient?: string;
}

function accessEvent(
  record: AccessRecord,
  place: RecordPlace,
  { interaction, nth, patient }: Which,
): AuditEvent {
  const pattern = interaction ? patterns[interaction] : unknown;
  const isDone = record.s < 400;
  const profile = isDone && isOfProfile(record, pattern) ? pattern.profile : undefined;
  const purpose = purposeOf(record);
  return {
    resourceType: 'AuditEvent',
    id: auditIdOf(place.chain, place.seq, nth),
    ...(profile === undefined
      ? {}
      : {
          meta: {
            profile: [`${balp}/StructureDefinition/IHE.BasicAudit.${patient ? 'Patient' : ''}${profile}`],
          },
        }),
    type: { system: system.auditEventType, code: 'rest', display: 'Restful Operation' },
    ...(interaction
      ? {
          subtype: [
            { system: system.restfulInteraction, code: codeOf(interaction), display: codeOf(interaction) },
          ],
        }
      : {}),
    action: pattern.action,
    recorded: new Date(record.t).toISOString(),
    outcome: isDone ? '0' : record.s < 500 ? '4' : '8',
    ...(isDone ? {} : { outcomeDesc: `HTTP ${record.s}` }),
    purposeOfEvent: [purpose],
    agent: agentsOf(record, place, { pattern, purpose }),
    source: {
      observer: { display: 'Claimwright' },
      type: [{ system: system.securitySourceType, code: '4', display: 'Application Server' }],
    },
    entity: entitiesOf(record, place, { pattern, patient }),
  };
}

export const balp = 'https://profiles.ihe.net/ITI/BALP';

/** Of what was read or written the profiles want to know the resource. */
const isOfProfile = (record: AccessRecord, { data }: Pattern): boolean =>
  data === 'query' || dataOf(record) !== undefined;

/** HL7's codes for what came: our `system` is a batch or a transaction. */
const codeOf = (interaction: Interaction): string => (interaction === 'system' ? 'batch' : interaction);

function interactionIn({ m, p }: AccessRecord): Interaction | undefined {
  try {
    return interactionOf(m, requestTargetOf(p.replace(/^\//, '')));
  } catch (error) {
    if (error instanceof FhirError) return undefined; // nothing that there is
    throw error;
  }
}

/** The patient that the path itself names. */
const patientIn = ({ p }: AccessRecord): readonly string[] => {
  const named = /^\/(Patient\/[A-Za-z0-9\-.]{1,64})(?:\/|$)/.exec(p)?.[1];
  return named === undefined ? [] : [named];
};

/** The resource that was named or written, with its version where one is known. */
const dataOf = ({ p, v }: AccessRecord): string | undefined =>
  v ?? /^\/([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/\d+)?)\/?$/.exec(p)?.[1];

const dicom = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: system.dicom, code, display }],
});
const source = dicom('110153', 'Source Role ID');
const destination = dicom('110152', 'Destination Role ID');
const application = dicom('110150', 'Application');
const custodian: CodeableConcept = {
  coding: [{ system: system.provenanceParticipant, code: 'custodian', display: 'Custodian' }],
};
const userTypes = {
  IRCP: { system: system.participationType, code: 'IRCP', display: 'information recipient' },
  AUT: { system: system.participationType, code: 'AUT', display: 'author (originator)' },
} as const satisfies Readonly<Record<Pattern['user'], Coding>>;

function agentsOf(
  { a, c, u, f, o }: AccessRecord,
  { base }: RecordPlace,
  { pattern, purpose }: { readonly pattern: Pattern; readonly purpose: CodeableConcept },
): AuditEventAgent[] {
  const [ofClient, ofServer] =
    pattern.action === 'D'
      ? [application, custodian]
      : pattern.isToClient
        ? [destination, source]
        : [source, destination];
  const client: AuditEventAgent = {
    type: ofClient,
    who: c === undefined ? { display: 'not known' } : { identifier: { system: system.clientId, value: c } },
    requestor: u === undefined,
    network: { address: a ?? 'not known', ...(a === undefined ? {} : { type: '2' }) },
  };
  const server: AuditEventAgent = {
    type: ofServer,
    who: { display: base },
    requestor: false,
    network: { address: base, type: '5' },
  };
  if (u === undefined) return [client, server];
  const user: AuditEventAgent = {
    type: { coding: [userTypes[pattern.user]] },
    ...(o && o.length > 0 ? { role: o.map((text) => ({ text })) } : {}),
    who: whoIs(u, f),
    requestor: true,
    purposeOfUse: [purpose],
  };
  return [client, server, user];
}

const whoTypes = ['Practitioner', 'PractitionerRole', 'RelatedPerson', 'Patient'];

/** The account, and who that is in FHIR where AuditEvents can say so. */
export function whoIs(account: string, user: string | undefined): NonNullable<AuditEventAgent['who']> {
  const target = parseReference(user);
  return {
    ...(target && whoTypes.includes(target.type) ? { reference: `${target.type}/${target.id}` } : {}),
    identifier: { system: system.accountName, value: account },
  };
}

const systemObject = { system: system.auditEntityType, code: '2', display: 'System Object' };
const person = { system: system.auditEntityType, code: '1', display: 'Person' };
const objectRole = (code: string, display: string): Coding => ({ system: system.objectRole, code, display });

function entitiesOf(
  record: AccessRecord,
  { base }: RecordPlace,
  { pattern, patient }: { readonly pattern: Pattern; readonly patient: string | undefined },
): AuditEventEntity[] {
  const data = pattern.data === 'data' ? dataOf(record) : undefined;
  const url = `${base}${record.p}${record.q === undefined ? '' : `?${record.q}`}`;
  const request: AuditEventEntity = {
    what: { identifier: { value: record.r } },
    type: { system: `${balp}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' },
  };
  const asked: AuditEventEntity =
    data === undefined
      ? {
          type: systemObject,
          role: objectRole('24', 'Query'),
          query: Buffer.from(`${record.m} ${url}`).toString('base64'),
        }
      : { what: { reference: data }, type: systemObject, role: objectRole('4', 'Domain Resource') };
  const subject: AuditEventEntity[] =
    patient === undefined
      ? []
      : [{ what: { reference: patient }, type: person, role: objectRole('1', 'Patient') }];
  const imported: AuditEventEntity[] = record.n
    ? [
        {
          type: systemObject,
          role: objectRole('4', 'Domain Resource'),
          name: 'imported',
          detail: Object.entries(record.n).map(([type, count = 0]) => ({ type, valueString: String(count) })),
        },
      ]
    : [];
  return [...subject, asked, request, ...imported.filter(({ detail = [] }) => detail.length > 0)];
}
