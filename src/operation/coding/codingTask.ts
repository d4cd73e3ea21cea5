import type { CodeableConcept, Resource, Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { readResource, resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import { requireToSee } from '../call/callerView.ts';
import type { Call } from '../operation.ts';
import { practiceOf } from '../worklist/practiceOf.ts';

type Stored<T> = T & { id: string };

/** A piece of the coding worklist, with what was charted. */
export interface CodingWork {
  readonly task: Stored<Task>;
  readonly focus: string; // Procedure/1
  readonly charted: Stored<Resource> | undefined; // undefined: it is gone
  readonly concept: CodeableConcept | undefined; // what was charted, where it has a code
  readonly practice: string | undefined; // Organization/1
}

/** The Task that an operation is called on, as coding work; what it is about has to be what its caller sees. */
export async function codingWork(call: Call): Promise<CodingWork> {
  const task = await readResource<Stored<Task>>(call.tx, 'Task', call.target.id ?? '');
  if (!has(task.code, system.task, 'coding')) {
    const text = `${referenceText(task)} is no work of coding`;
    throw unprocessable([businessFault('not-coding-work', 'Task.code', text)]);
  }
  const focus = task.focus?.reference ?? '';
  await requireToSee(call.view, [focus]);
  const target = parseReference(focus);
  const charted =
    target && isResourceType(target.type)
      ? await resolve<Stored<Resource>>(call.tx, target.type, { reference: focus })
      : undefined;
  const practice = await practiceOf(call.tx, { focus, encounter: task.encounter?.reference });
  return {
    ...{ task, focus, charted },
    concept: charted && conceptOf(charted),
    practice: practice?.reference,
  };
}

/** 409 for work that is done. */
export function requireOpen({ task }: CodingWork): void {
  if (isOpen(task)) return;
  throw conflict('not-to-be-done', `${referenceText(task)} is ${task.status}`, 'Task.status');
}

/** What a chart resource says was done, where it says so by a concept. */
export function conceptOf(resource: Resource): CodeableConcept | undefined {
  switch (resource.resourceType) {
    case 'Procedure':
    case 'Observation':
    case 'DiagnosticReport':
      return resource.code;
    case 'MedicationAdministration':
    case 'MedicationDispense':
      return resource.medicationCodeableConcept;
    case 'Immunization':
      return resource.vaccineCode;
    case 'Encounter':
      return resource.type?.[0];
    default:
      return undefined;
  }
}

/** The resource with a further code of what was done. */
export function withConcept(resource: Stored<Resource>, concept: CodeableConcept): Stored<Resource> {
  switch (resource.resourceType) {
    case 'Procedure':
    case 'Observation':
    case 'DiagnosticReport':
      return changed(resource, { code: concept });
    case 'MedicationAdministration':
    case 'MedicationDispense':
      return changed(resource, { medicationCodeableConcept: concept });
    case 'Immunization':
      return changed(resource, { vaccineCode: concept });
    case 'Encounter':
      return changed(resource, { type: [concept, ...(resource.type ?? []).slice(1)] });
    default:
      return resource;
  }
}

/** The search parameter that finds resources of a type by what was done. */
export const codeParameter: Readonly<Partial<Record<Resource['resourceType'], string>>> = {
  ...{ Procedure: 'code', Observation: 'code', DiagnosticReport: 'code' },
  ...{ MedicationAdministration: 'code', MedicationDispense: 'code', Immunization: 'vaccine-code' },
};
