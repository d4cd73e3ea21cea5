import type {
  CodeableConcept,
  Device,
  Organization,
  Parameters,
  Provenance,
  ProvenanceAgent,
  ProvenanceEntity,
  Reference,
  ResourceType,
} from '@medplum/fhirtypes';
import { originIdPrefix } from '../../datatypes/originId.ts';
import { nameOf, type Origin } from '../../interaction/origin.ts';
import { patientsOf } from '../../store/access/access.ts';
import type { Stored } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { distinct, labelsOfVersion } from '../label/labelled.ts';
import { parameter } from '../parameters.ts';

/** What was done, by whom and why. */
export interface Activity {
  readonly activity: string;
  readonly definition?: string | undefined;
  readonly input?: Parameters;
  readonly recorded: string; // an instant
  /** Who asked for it; none: the server did it by itself. */
  readonly asker?: { readonly user?: string; readonly roles: readonly string[] };
}

/** What is made of other resources; where a step makes none of these, it leaves no Provenance. */
const derived: ReadonlySet<ResourceType> = new Set<ResourceType>([
  ...(['ChargeItem', 'Claim', 'ClaimResponse', 'ExplanationOfBenefit'] as const),
  ...(['Invoice', 'PaymentNotice', 'PaymentReconciliation'] as const),
]);
/** What is named beside it. */
const beside: ReadonlySet<ResourceType> = new Set<ResourceType>(['Account', 'Task']);

/** What a charge may be of: of all that was charted of a visit, only what a charge of the step names is its source. */
const chargedFrom: ReadonlySet<ResourceType> = new Set<ResourceType>([
  ...(['Procedure', 'Observation', 'DiagnosticReport', 'Immunization'] as const),
  ...(['MedicationAdministration', 'MedicationDispense', 'DeviceUseStatement'] as const),
]);

/**
 * Where what a step made comes from: one Provenance, and where it was of several patients one for each of them, so that
 * none tells of another.
 */
export function provenancesOf(
  { made, read }: Origin,
  activity: Activity,
  newId: () => string,
): readonly (Provenance & { id: string })[] {
  const named = [...made.values()].filter(({ type }) => derived.has(type) || beside.has(type));
  if (!named.some(({ type }) => derived.has(type))) return [];
  const groups = byPatient(named);
  const known = [...read.values()].filter((version) => !made.has(nameOf(version)));
  const ofPatients = Map.groupBy(known, (version) => [...patientsOf(version)].sort().join());
  return [...groups.values()]
    .filter((targets) => targets.some(({ type }) => derived.has(type)))
    .map((targets) => {
      const patients = new Set(targets.flatMap((version) => patientsOf(version)));
      const near =
        patients.size === 0
          ? known
          : [...ofPatients].flatMap(([of, some]) => (isOf(of, patients) ? some : []));
      const sources = near.filter((version) => isSource(version, { targets, patients }));
      return provenance({ targets, sources }, activity, `${originIdPrefix}${newId()}`);
    });
}

/** Whether what is of some patients, or of none, may be a source of what is of others. */
const isOf = (of: string, patients: ReadonlySet<string>): boolean =>
  of === '' || of.split(',').some((patient) => patients.has(patient));

/** What is of no patient (a payment of a payer) is named with the rest, where that is of one patient. */
function byPatient(versions: readonly Stored[]): ReadonlyMap<string, readonly Stored[]> {
  const groups = Map.groupBy(versions, (version) => [...patientsOf(version)].sort().join());
  const nobodys = groups.get('');
  const [only] = [...groups.keys()].filter((patients) => patients !== '');
  if (!nobodys || only === undefined || groups.size > 2) return groups;
  return new Map([[only, versions]]);
}

interface Made {
  readonly targets: readonly Stored[];
  readonly patients: ReadonlySet<string>;
}

function isSource(version: Stored, { targets, patients }: Made): boolean {
  if (isFormer(version, targets)) return true;
  if (version.type === 'Account') return false;
  const own = patientsOf(version);
  // of what is of no patient, as a receipt, only what it names is the source, and the other way round
  if (patients.size === 0 || own.length === 0) return isNamed(version, targets);
  if (version.type === 'Condition')
    return targets.some(({ type }) => type === 'Claim' || type === 'ChargeItem');
  if (!chargedFrom.has(version.type)) return true;
  return isNamed(
    version,
    targets.filter(({ type }) => type === 'ChargeItem'),
  );
}

/** Whether the text of one of them names a resource. */
function isNamed({ type, id }: Stored, by: readonly Stored[]): boolean {
  const name = Buffer.from(`"${type}/${id}`);
  return by.some(({ json }) => {
    const text = Buffer.from(json.buffer, json.byteOffset, json.length);
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      if (!ofIds.test(String.fromCharCode(text[at + name.length] ?? 0))) return true;
    return false;
  });
}

/** What an id goes on with: `Invoice/1` is not named where `Invoice/12` is. */
const ofIds = /[A-Za-z0-9\-.]/;

const isFormer = (version: Stored, targets: readonly Stored[]): boolean =>
  targets.some(({ type, id }) => type === version.type && id === version.id);

function provenance(
  { targets, sources }: { readonly targets: readonly Stored[]; readonly sources: readonly Stored[] },
  activity: Activity,
  id: string,
): Provenance & { id: string } {
  const security = distinct(targets.flatMap((version) => labelsOfVersion(version)));
  const why = reasonOf(activity);
  const isNew = targets.some(({ type, version }) => derived.has(type) && version === 1);
  return {
    resourceType: 'Provenance',
    id,
    ...(security.length > 0 ? { meta: { security: [...security] } } : {}),
    target: targets.map((version) => ({ reference: nameOf(version) })),
    recorded: activity.recorded,
    ...(activity.definition === undefined ? {} : { policy: [activity.definition] }),
    ...(why ? { reason: [why] } : {}),
    activity: {
      coding: [{ system: system.dataOperation, code: isNew ? 'CREATE' : 'UPDATE' }],
      text: activity.activity,
    },
    agent: agentsOf(activity, practiceOf(targets)),
    ...(sources.length > 0 ? { entity: sources.map((version) => entityOf(version, targets)) } : {}),
  };
}

const entityOf = (version: Stored, targets: readonly Stored[]): ProvenanceEntity => ({
  role: isFormer(version, targets) ? 'revision' : 'source',
  what: { reference: nameOf(version) },
});

/** The practice that the first of them belongs to which belongs to one. */
function practiceOf(versions: readonly Stored[]): Reference<Organization> | undefined {
  for (const { type, members = '' } of versions) {
    const reference = derived.has(type) ? / (Organization\/[^ ]+) /.exec(members)?.[1] : undefined;
    if (reference !== undefined) return { reference };
  }
  return undefined;
}

const participation = (code: string): CodeableConcept => ({
  coding: [{ system: system.provenanceParticipant, code }],
});

/** Who did it, for which practice, and the practice that keeps it. Nobody is named but by their FHIR identity. */
function agentsOf({ asker }: Activity, practice: Reference<Organization> | undefined): ProvenanceAgent[] {
  const onBehalfOf = practice ? { onBehalfOf: practice } : {};
  const keeper: ProvenanceAgent[] = practice ? [{ type: participation('custodian'), who: practice }] : [];
  if (!asker) return [{ type: participation('assembler'), who: server, ...onBehalfOf }, ...keeper];
  const { user, roles } = asker;
  return [
    {
      type: participation('author'),
      ...(roles.length > 0 ? { role: roles.map((text) => ({ text })) } : {}),
      who:
        user === undefined
          ? { display: 'somebody who is known to this server by an account only' }
          : { reference: user },
      ...onBehalfOf,
    },
    ...keeper,
  ];
}

/** This server as a device; there is no resource of it. */
const server: Reference<Device> = { type: 'Device', display: 'Claimwright' };

/** The reason that was given with a request. */
function reasonOf({ input }: Activity): CodeableConcept | undefined {
  const given = input && parameter(input, 'reason');
  if (!given) return undefined;
  if (given.valueCodeableConcept) return given.valueCodeableConcept;
  const text = given.valueCode ?? given.valueString;
  return text === undefined ? undefined : { text };
}
