import type { Appointment, Encounter } from '@medplum/fhirtypes';
import { gapOfAppointment, gapsOf, type Allowed, type Gap } from '../../billing/charge/gap.ts';
import { idOf, parseReference, referenceText } from '../../datatypes/reference.ts';
import type { Reader } from '../../store/store.ts';
import { zoneAt } from '../call/practiceZone.ts';
import { practiceOfAppointment } from '../eligibility/nightlyCheck.ts';
import type { OperationContext } from '../operation.ts';
import { dayIn, hasVisit, kept, visitFacts } from './visitFacts.ts';

type Zoned = Pick<OperationContext, 'timeZone'>;

/** A visit or an appointment, and what of it is missing on a day. */
export interface Reconciled {
  readonly patient: string; // Patient/1
  readonly practice: string | undefined; // Organization/1
  readonly day: string;
  readonly gaps: readonly Gap[];
}

export const practiceOfVisit = ({ serviceProvider }: Encounter): string | undefined => {
  const id = idOf(serviceProvider, 'Organization');
  return id === undefined ? undefined : `Organization/${id}`;
};

/** Holds a visit against its notes, charges and claims; undefined where its day or its patient is not known. */
export async function reconcileVisit(
  context: Zoned,
  reader: Reader,
  visit: Encounter,
  { allowed, today }: { readonly allowed: Allowed; readonly today: string },
): Promise<Reconciled | undefined> {
  const patient = idOf(visit.subject, 'Patient');
  const facts = patient === undefined ? undefined : await visitFacts(context, reader, visit);
  if (patient === undefined || !facts) return undefined;
  const gaps = gapsOf(facts, allowed, today);
  return { patient: `Patient/${patient}`, practice: practiceOfVisit(visit), day: facts.day, gaps };
}

export const patientOfAppointment = ({ participant }: Appointment): string | undefined => {
  const id = participant.map(({ actor }) => idOf(actor, 'Patient')).find((one) => one !== undefined);
  return id === undefined ? undefined : `Patient/${id}`;
};

/** The practice of an appointment: Organization/1. */
export async function practiceOfBooked(
  reader: Reader,
  appointment: Appointment,
): Promise<string | undefined> {
  const patient = patientOfAppointment(appointment);
  if (patient === undefined) return undefined;
  const actors = appointment.participant.flatMap(({ actor }) => actor ?? []);
  return practiceOfAppointment(reader, actors, patient);
}

/** Holds an appointment against the visits of its patient; undefined where its day or its patient is not known. */
export async function reconcileAppointment(
  context: Zoned,
  reader: Reader,
  appointment: Appointment,
  { allowed, today }: { readonly allowed: Allowed; readonly today: string },
): Promise<Reconciled | undefined> {
  const patient = patientOfAppointment(appointment);
  if (patient === undefined || appointment.start === undefined) return undefined;
  const practice = await practiceOfBooked(reader, appointment);
  const places = appointment.participant.flatMap(({ actor }) =>
    parseReference(actor?.reference)?.type === 'Location' ? [actor] : [],
  );
  const organization = practice === undefined ? undefined : { reference: practice };
  const { zone } = await zoneAt(context, reader, { locations: places, organization });
  const day = dayIn(appointment.start, zone);
  const isMissing =
    kept.includes(appointment.status) &&
    gapOfAppointment(day, allowed, today).length > 0 &&
    !(await hasVisit(reader, { appointment: referenceText(appointment), patient, day }));
  return { patient, practice, day, gaps: isMissing ? gapOfAppointment(day, allowed, today) : [] };
}
