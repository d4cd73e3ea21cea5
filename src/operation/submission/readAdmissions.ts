import type { Claim, Coverage, Encounter, Organization, Resource } from '@medplum/fhirtypes';
import { dayIn } from '../../billing/charge/night.ts';
import { isInpatient } from '../../billing/claim/claimLine.ts';
import { knownAs } from '../../billing/scrub/input.ts';
import type { Admission } from '../../billing/scrub/input.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { addDays, dateOf, isDate } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { isMedicare } from '../../terminology/coverageType.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { zoneOfVisit } from '../call/practiceZone.ts';

const window = 3; // days before an admission

/**
 * The stays whose payment may include services of the claim: those that begin on its days or up to three days later. Read
 * where Medicare is billed, by a hospital or by a practice that another organization owns.
 */
export async function readAdmissions(
  call: Call,
  claim: Claim,
  known: ReadonlyMap<string, Resource>,
): Promise<Admission[]> {
  const focal = knownAs<Coverage>(known, 'Coverage', claim.insurance.find((i) => i.focal)?.coverage);
  const biller = knownAs<Organization>(known, 'Organization', claim.provider);
  const form = codeOf(claim.type, system.claimType);
  const isAsked = form === 'institutional' || (form === 'professional' && biller?.partOf !== undefined);
  if (!focal || !isMedicare(focal) || !isAsked || isVoidClaim(claim)) return [];
  const { start, end } = claim.billablePeriod ?? {};
  const [first, last] = [dateOf(start ?? end ?? ''), dateOf(end ?? start ?? '')];
  const patient = parseReference(claim.patient.reference);
  if (!patient || !isDate(first) || !isDate(last)) return [];
  const visits = await find<Encounter>(call.tx, 'Encounter', {
    patient: `Patient/${patient.id}`,
    // a day more on either side: the day of an admission is that of the hospital's time zone
    date: [`ge${addDays(first, -1)}`, `le${addDays(last, window + 1)}`],
  });
  const own = new Set((claim.item ?? []).flatMap((i) => i.encounter?.map((e) => e.reference) ?? []));
  const admissions: Admission[] = [];
  for (const visit of visits) {
    const name = `Encounter/${visit.id ?? ''}`;
    const begun = visit.period?.start;
    const stands = visit.status !== 'cancelled' && visit.status !== 'entered-in-error';
    if (!isInpatient(visit) || begun === undefined || !stands || own.has(name)) continue;
    const { zone } = await zoneOfVisit(call.context, call.tx, visit);
    const hospital = await ownersOf(call, visit.serviceProvider?.reference);
    admissions.push({
      encounter: name,
      from: dayIn(zone, begun),
      hospital: hospital.names,
      taxonomies: hospital.taxonomies,
    });
  }
  return admissions;
}

const deepest = 5; // organizations one above the other

/** An organization with those that it is part of, and what the first of them is. */
async function ownersOf(
  { tx }: Call,
  reference: string | undefined,
): Promise<{ readonly names: string[]; readonly taxonomies: string[] }> {
  const names: string[] = [];
  let taxonomies: string[] = [];
  for (let at = reference; at !== undefined && names.length < deepest && !names.includes(at);) {
    const target = parseReference(at);
    if (!target) break;
    names.push(`${target.type}/${target.id}`);
    const organization: Organization | undefined = await resolve<Organization>(tx, 'Organization', {
      reference: at,
    });
    if (names.length === 1)
      taxonomies = (organization?.type ?? []).flatMap((type) => codeOf(type, system.taxonomy) ?? []);
    at = organization?.partOf?.reference;
  }
  return { names, taxonomies };
}
