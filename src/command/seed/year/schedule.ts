import type { Appointment, Encounter, Resource } from '@medplum/fhirtypes';
import { addDays } from '../../../datatypes/date.ts';
import { concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { clinic, placeIds, providerIds } from './office.ts';
import type { YearPatient } from './patient.ts';

/** Who comes within the next days: an appointment for every fifth patient, of each tenth the planned visit with it. */
const everyNth = 5;
const nextDays = 8;
const slots = 12; // of a day

/** The appointments of tomorrow and the days after, and planned visits. */
export const schedule = (patients: readonly YearPatient[], today: string): Resource[] =>
  patients.filter(({ number }) => number % everyNth === 1).flatMap((patient, i) => coming(patient, i, today));

function coming({ id, number }: YearPatient, i: number, today: string): Resource[] {
  const day = addDays(today, 1 + (i % nextDays));
  const slot = Math.trunc(i / nextDays) % slots;
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = (minutes: number): string => `${day}T${two(14 + Math.trunc((slot * 30 + minutes) / 60))}:${two((slot * 30 + minutes) % 60)}:00Z`;
  const provider = providerIds[number % providerIds.length] ?? providerIds[0];
  const place = placeIds[number % 2] ?? placeIds[0];
  const actor = (reference: string) => ({ actor: { reference }, status: 'accepted' as const });
  const appointment: Appointment = {
    resourceType: 'Appointment',
    id: `${id}-a1`,
    status: 'booked',
    serviceType: [concept(system.hcpcs, 'T1015')],
    start: time(0),
    end: time(30),
    participant: [actor(`Patient/${id}`), actor(`Practitioner/${provider}`), actor(`Location/${place}`)],
  };
  const visit: Encounter = {
    resourceType: 'Encounter',
    id: `${id}-a1`,
    status: 'planned',
    class: { system: system.actCode, code: 'AMB' },
    type: [concept(system.hcpcs, 'T1015')],
    subject: { reference: `Patient/${id}` },
    appointment: [{ reference: `Appointment/${id}-a1` }],
    participant: [{ individual: { reference: `Practitioner/${provider}` } }],
    period: { start: time(0) },
    location: [{ location: { reference: `Location/${place}` } }],
    serviceProvider: { reference: clinic },
  };
  return i % 2 === 0 ? [appointment, visit] : [appointment];
}
