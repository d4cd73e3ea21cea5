import { measure, type Client } from '../measure.ts';
import { record, type Made } from '../generate/record.ts';
import type { Row } from './row.ts';

type Step = 'create' | 'read' | 'update' | 'search' | 'delete';

/** Bodies to create from, by type: those of the first patients' records, without their ids. */
const bodies = new Map<string, string[]>();
for (let no = 0; no < 40; no++)
  for (const { id: _id, ...resource } of record(no)) {
    const texts = bodies.get(resource.resourceType) ?? [];
    texts.push(JSON.stringify(resource));
    bodies.set(resource.resourceType, texts);
  }

/** What one looks for what was just made by. */
const criterion: Readonly<Record<string, (resource: Record<string, unknown>) => string>> = {
  Patient: ({ identifier }) => `identifier=${(identifier as { value: string }[])[0]?.value ?? ''}`,
  Observation: ({ subject, code }) =>
    `patient=${(subject as { reference: string }).reference}` +
    `&code=${(code as { coding: { code: string }[] }).coding[0]?.code ?? ''}`,
  Claim: ({ patient }) => `patient=${(patient as { reference: string }).reference}&status=active`,
};

/** Every client takes the types in turn, and of each makes a resource and follows it through the steps. */
function client(types: readonly Made['resourceType'][], steps: readonly Step[]): Client {
  return async (ask, turn) => {
    const type = types[turn % types.length] ?? 'Patient';
    const texts = bodies.get(type) ?? [];
    const text = texts[turn % texts.length] ?? '';
    let id = '';
    for (const step of steps) {
      if (step === 'create') {
        const { location } = await ask('POST', `/${type}`, text);
        id = /\/([^/]+)\/_history\/1$/.exec(location)?.[1] ?? '';
      } else if (step === 'read') await ask('GET', `/${type}/${id}`);
      else if (step === 'update')
        await ask('PUT', `/${type}/${id}`, `{"id":"${id}","language":"en-US",${text.slice(1)}`);
      else if (step === 'search') {
        const found = criterion[type]?.(JSON.parse(text) as Record<string, unknown>) ?? `_id=${id}`;
        await ask('GET', `/${type}?${found}`);
      } else await ask('DELETE', `/${type}/${id}`);
    }
    return steps.length;
  };
}

/** CRUD on three types, search by what one would look for it by included. */
export const crudMix: Row = {
  name: 'crud3',
  what: 'CRUD mix on Patient, Observation, Claim: create, read, update, search, delete in equal shares',
  hapi: '300/s (106 ms), 5.4 ms',
  medplum: '257/s (107 ms), 5.5 ms',
  betterCpu: 5.4,
  goalCpu: 0.4,
  goalP95: 10,
  run: (server, load) =>
    measure(server, load, () =>
      client(['Patient', 'Observation', 'Claim'], ['create', 'read', 'update', 'search', 'delete']),
    ),
};

/** CRUD on nine types. */
export const crudMixNine: Row = {
  name: 'crud9',
  what:
    'CRUD mix over 9 types (Patient, Observation, Claim, ExplanationOfBenefit, Encounter, Condition, Procedure, ' +
    'MedicationRequest, DiagnosticReport): create, read, update, delete in equal shares',
  hapi: '474/s (69 ms), 3.4 ms',
  medplum: '219/s (133 ms), 6.3 ms',
  betterCpu: 3.4,
  goalCpu: 0.34,
  goalP95: 7,
  run: (server, load) =>
    measure(server, load, () =>
      client(
        [
          'Patient',
          'Observation',
          'Claim',
          'ExplanationOfBenefit',
          'Encounter',
          'Condition',
          'Procedure',
          'MedicationRequest',
          'DiagnosticReport',
        ],
        ['create', 'read', 'update', 'delete'],
      ),
    ),
};
