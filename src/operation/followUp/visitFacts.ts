import type {
  Appointment,
  ChargeItem,
  Claim,
  Composition,
  DocumentReference,
  Encounter,
} from '@medplum/fhirtypes';
import type { ClaimOfVisit, VisitFacts } from '../../billing/charge/gap.ts';
import { isInpatient } from '../../billing/claim/claimLine.ts';
import { holdOf } from '../../billing/claim/edit.ts';
import { dateInZone, dateOf } from '../../datatypes/date.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { isBillDocument } from '../books/keptBy.ts';
import { zoneOfVisit } from '../call/practiceZone.ts';
import { editsOfClaim } from '../claim/claimEdits.ts';
import type { OperationContext } from '../operation.ts';

/** Statuses of an Appointment whose patient came. */
export const kept: readonly string[] = ['arrived', 'checked-in', 'fulfilled'];
const observation = 'OBSENC';

type Zoned = Pick<OperationContext, 'timeZone'>;

/** The day of an instant or date where the visit is. */
export const dayIn = (instant: string, zone: string): string =>
  instant.length <= 10 ? instant : dateInZone(new Date(instant).toISOString(), zone);

/** What is known of a visit and its money; undefined where its day is not known. */
export async function visitFacts(
  context: Zoned,
  reader: Reader,
  visit: Encounter,
): Promise<VisitFacts | undefined> {
  const at = visit.period?.end ?? visit.period?.start;
  if (at === undefined || at.length < 10) return undefined;
  const { zone } = await zoneOfVisit(context, reader, visit);
  const encounter = referenceText(visit);
  const charges = await find<ChargeItem>(reader, 'ChargeItem', { context: encounter });
  return {
    status: visit.status,
    isStay: isInpatient(visit) || visit.class.code === observation,
    hasKeptAppointment: await hasKept(reader, visit),
    day: dayIn(at, zone),
    charges: charges.map(({ status }) => status),
    unsigned: (await unsignedNotes(reader, encounter)).map((since) => dayIn(since, zone)),
    claims: await claimsOf(reader, encounter),
  };
}

async function hasKept(reader: Reader, { status, appointment = [] }: Encounter): Promise<boolean> {
  if (status !== 'planned') return false;
  for (const one of appointment) {
    const found = await resolve<Appointment>(reader, 'Appointment', one);
    if (kept.includes(found?.status ?? '')) return true;
  }
  return false;
}

/** When each note of a visit that nobody has signed was written. */
async function unsignedNotes(reader: Reader, encounter: string): Promise<string[]> {
  const notes = await find<Composition>(reader, 'Composition', { encounter, status: 'preliminary' });
  const documents = await find<DocumentReference>(reader, 'DocumentReference', {
    encounter,
    status: 'current',
  });
  const since = [
    ...notes.map(({ date }) => date),
    ...documents
      .filter((one) => one.docStatus === 'preliminary' && !isBillDocument(one))
      .map(({ date, meta }) => date ?? meta?.lastUpdated),
  ];
  return since.flatMap((one) => (one === undefined || one.length < 10 ? [] : [one]));
}

async function claimsOf(reader: Reader, encounter: string): Promise<ClaimOfVisit[]> {
  const found: ClaimOfVisit[] = [];
  for (const claim of await find<Claim>(reader, 'Claim', { encounter })) {
    if (claim.use !== 'claim' || (claim.status !== 'draft' && claim.status !== 'active')) continue;
    const hold = claim.status === 'draft' ? holdOf((await editsOfClaim(reader, claim)).edits) : undefined;
    const since = hold && dateOf(hold.at);
    found.push({ isSent: claim.status === 'active', heldSince: since });
  }
  return found;
}

/** Whether a kept appointment has its visit: one that names it, else one of the patient on the day. */
export async function hasVisit(
  reader: Reader,
  {
    appointment,
    patient,
    day,
  }: { readonly appointment: string; readonly patient: string; readonly day: string },
): Promise<boolean> {
  const stands = ({ status }: Encounter): boolean => status !== 'cancelled' && status !== 'entered-in-error';
  if ((await find<Encounter>(reader, 'Encounter', { appointment })).some(stands)) return true;
  for (const visit of await find<Encounter>(reader, 'Encounter', { patient, date: day })) {
    const others = (visit.appointment ?? []).map(({ reference }) => parseReference(reference)?.id);
    if (stands(visit) && others.length === 0) return true;
  }
  return false;
}
