import type { Group, ResourceType } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import { parseReference } from '../../datatypes/reference.ts';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import { parsed, readStored } from '../../interaction/repository.ts';
import type { Answer } from '../../interaction/rest/answer.ts';
import { requireMay } from '../../interaction/permits.ts';
import { compartmentDefinitions } from '../../interaction/search/compartment.ts';
import { badRequest, notFound } from '../../outcome/fhirError.ts';
import { details, type Issue } from '../../outcome/issue.ts';
import { asServer, seesAll } from '../../store/access/asServer.ts';
import type { Store } from '../../store/store.ts';
import type { LaterCall, Operation } from '../operation.ts';
import { rememberCaller } from './callers.ts';
import { filterCriteria } from './exportAccess.ts';
import { listExport } from './exportList.ts';
import { exportParameters, type Asked } from './exportParameters.ts';
import type { ExportRequest, Level } from './exportRequest.ts';
import { keepRequest, keepState } from './exportState.ts';

export const exportKind = 'bulk-export';
/** Where an export is asked about, below the base. */
export const statusPath = '$export-status';

/** The types in the compartment of a patient. See https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const patientTypes = new Set(
  compartmentDefinitions
    .filter(({ code }) => code === 'Patient')
    .flatMap(({ resource = [] }) => resource)
    .filter(({ code, param = [] }) => param.length > 0 || code === 'Patient')
    .map(({ code }) => code),
);

/** Begins an export: what can be refused is refused now, then there is a job, and 202 says where it is asked about. */
export async function kickOff(level: Level, call: LaterCall, operation: Operation): Promise<Answer> {
  const { context } = call;
  if (!call.isAsync)
    throw badRequest('respond-async-required', '$export is answered later: send Prefer: respond-async');
  const asked = exportParameters(call, operation.definition);
  const { types, notes } = typesOf(level, asked, call);
  if (asked.provenance) requireMay(context, 'Provenance', 'search-type');
  const members = level === 'Group' ? await membersOf(call) : undefined;
  for (const id of asked.patients ?? []) await requirePatient(context.store, id, members?.ids);
  const now = context.now();
  const request: ExportRequest = {
    url: urlOf(call),
    level,
    at: Date.parse(now),
    ...(asked.since === undefined ? {} : { since: asked.since }),
    ...(asked.until === undefined ? {} : { until: asked.until }),
    types,
    filters: filtersOf(asked, types, call),
    elements: asked.elements,
    ...(asked.provenance === undefined ? {} : { provenance: asked.provenance }),
    ...(asked.patients ? { patients: asked.patients } : {}),
    ...(members ? { group: members.group } : {}),
    notes: [...asked.notes, ...notes, ...(members?.notes ?? [])],
    caller: {
      isConfined: !seesAll(context.store),
      ...(context.principal === undefined ? {} : { name: context.principal }),
      ...(context.grant === undefined ? {} : { grant: context.grant }),
    },
  };
  const id = await begin(call, request, now);
  return { status: 202, headers: { 'content-location': `${context.publicUrl}/${statusPath}/${id}` } };
}

async function begin({ context }: LaterCall, request: ExportRequest, now: string): Promise<string> {
  const id = randomUUID();
  rememberCaller(id, context);
  const started = Date.parse(now);
  const store = asServer(context.store);
  const landed = await store.transaction(async (tx) => {
    await listExport(tx, id, request.caller.name ?? '', started);
    await keepRequest(tx, id, request, now);
    const state = { is: 'waiting', place: { type: 0 }, files: [], resources: 0, started } as const;
    await keepState(tx, id, state, now);
    const job = { key: `${exportKind}|${id}`, kind: exportKind, payload: JSON.stringify({ id }) };
    await tx.jobs.enqueue({ ...job, due: started });
    return tx;
  });
  context.landed?.(landed);
  return id;
}

/** The URL of the kick-off; what a POST said in its body is no part of it. */
function urlOf({ context, target: { type, id }, query }: LaterCall): string {
  const path = [context.publicUrl, type, id, '$export'].filter((part) => part !== undefined).join('/');
  return query === '' ? path : `${path}?${query}`;
}

/** The types to be exported: a type that is named must be allowed, of the others those that are. */
function typesOf(
  level: Level,
  { types }: Asked,
  { context, isLenient }: LaterCall,
): { readonly types: readonly ResourceType[]; readonly notes: readonly Issue[] } {
  const isWithin = (type: ResourceType): boolean => level === 'system' || patientTypes.has(type);
  if (!types) {
    const may = (type: ResourceType): boolean => context.permits?.may(type, 'search-type') !== false;
    return { types: resourceTypes.filter((type) => isWithin(type) && may(type)), notes: [] };
  }
  for (const type of types) requireMay(context, type, 'search-type');
  const within = types.filter(isWithin);
  if (within.length === 0 && !isLenient)
    throw badRequest(
      'not-in-compartment',
      '_type names no type that is in the compartment of a patient; Prefer: handling=lenient leaves others out',
    );
  const outside = types.filter((type) => !isWithin(type));
  return { types: within, notes: outside.map(outsideNote) };
}

const outsideNote = (type: ResourceType): Issue => ({
  severity: 'warning',
  code: 'not-supported',
  details: details('not-in-compartment', `${type} is in no compartment of a patient: none is exported`),
});

function filtersOf(
  { filters }: Asked,
  types: readonly ResourceType[],
  { context }: LaterCall,
): ExportRequest['filters'] {
  const found: Partial<Record<ResourceType, string[]>> = {};
  for (const { type, query } of filters) {
    if (!types.includes(type))
      throw badRequest('malformed-value', `_typeFilter names ${type}, which is not exported`);
    filterCriteria(context, type, query); // refuses what it cannot judge
    (found[type] ??= []).push(query);
  }
  return found;
}

interface Members {
  readonly ids: ReadonlySet<string>;
  readonly group: { readonly id: string; readonly version: number };
  readonly notes: readonly Issue[];
}

/** The Group that is named, which its caller must see, and the Patients among its members. */
async function membersOf({ context, target: { id = '' } }: LaterCall): Promise<Members> {
  const stored = await readStored(context.store, 'Group', id);
  const group = parsed<Group>(stored);
  const ids = patientsOfGroup(group);
  const others = (group.member ?? []).some(
    ({ entity }) => parseReference(entity.reference)?.type !== 'Patient',
  );
  const text = 'Members of the Group that are no Patients of this server are not exported';
  const note: Issue = {
    severity: 'warning',
    code: 'not-supported',
    details: details('member-not-patient', text),
  };
  return { ids, group: { id, version: stored.version }, notes: others ? [note] : [] };
}

/** The ids of the Patients that are members of a Group at present. */
export const patientsOfGroup = ({ member = [] }: Group): ReadonlySet<string> =>
  new Set(
    member.flatMap(({ entity, inactive }) => {
      const target = parseReference(entity.reference);
      return target?.type === 'Patient' && inactive !== true ? [target.id] : [];
    }),
  );

/** 404 for a patient whom the caller does not see, or who is no member of the group: which of it is not told. */
async function requirePatient(
  store: Store,
  id: string,
  members: ReadonlySet<string> | undefined,
): Promise<void> {
  const stored = members?.has(id) === false ? undefined : await store.read('Patient', id);
  if (!stored || stored.deleted) throw notFound(`Patient/${id}`);
}
