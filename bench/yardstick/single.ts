import { record } from '../generate/record.ts';
import { measure } from '../measure.ts';
import type { Row } from './row.ts';
import { patientsLoaded } from './searches.ts';

const types = ['Patient', 'Observation', 'Claim'];
const made = Array.from({ length: 40 }, (_, no) => record(no))
  .flat()
  .filter(({ resourceType }) => types.includes(resourceType));
const texts = made.map(({ id: _id, ...resource }) => ({
  path: `/${resource.resourceType}`,
  text: JSON.stringify(resource),
}));

/** Creates alone: mostly Observations, then Claims, then Patients, as they are in a record. */
export const create: Row = {
  name: 'create',
  what: 'create alone (Observation, Claim, Patient 7 : 2 : 1)',
  run: (server, load) =>
    measure(server, load, () => async (ask, turn) => {
      const { path, text } = texts[turn % texts.length] ?? { path: '', text: '' };
      await ask('POST', path, text);
      return 1;
    }),
};

/** Reads by id alone. */
export const read: Row = {
  name: 'read',
  what: 'read alone (Patient, Claim)',
  run: (server, load) =>
    measure(server, load, () => async (ask, turn) => {
      const no = (turn * 7919) % patientsLoaded;
      await ask('GET', turn % 2 === 0 ? `/Patient/p${no}` : `/Claim/p${no}-clm0`);
      return 1;
    }),
};
