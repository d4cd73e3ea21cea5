import type { ChargeItem, Claim, ClaimResponse, Encounter, ResourceType } from '@medplum/fhirtypes';
import type { About, Books } from '../../billing/report/books.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { dayNumber } from '../../datatypes/dayNumber.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { parsed, readQuietly } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';
import { extension } from '../../terminology/system.ts';
import { draftPlace } from '../claim/claimEdits.ts';
import { claimEditKey, writtenHolder } from '../uniqueKey.ts';

/** Tells the books what an entry is about: the service, who rendered it and where. Each is read when it comes up first. */
export async function aboutEntry(reader: Reader, books: Books, entry: Entry): Promise<void> {
  for (const { encounter, charge, claim } of entry.postings) {
    for (const name of [encounter, claim])
      if (name !== undefined && !books.knows(name)) await tell(reader, books, name);
    // a charge that changes before it is billed is posted again
    if (charge !== undefined && (entry.reason === 'charge-captured' || !books.knows(charge)))
      await tell(reader, books, charge);
  }
}

async function tell(reader: Reader, books: Books, name: string): Promise<void> {
  const found = await readQuietly(reader, name);
  if (found?.resourceType === 'Claim') books.say(name, await ofClaim(reader, found));
  else if (found?.resourceType === 'ChargeItem') books.say(name, ofCharge(found));
  else if (found?.resourceType === 'Encounter') books.say(name, ofVisit(found));
  else books.say(name, {});
}

function aboutOf(given: {
  readonly service: string | undefined;
  readonly provider: string | undefined;
  readonly place: string | undefined;
}): About {
  const day = given.service === undefined ? Number.NaN : dayNumber(given.service);
  const provider = unversionedText(given.provider);
  const place = unversionedText(given.place);
  return {
    ...(Number.isNaN(day) ? {} : { service: day }),
    ...(provider === undefined ? {} : { provider }),
    ...(place === undefined ? {} : { place }),
  };
}

/** Who rendered it: a person among those who did, as charges have it. */
const personOf = (references: readonly (string | undefined)[]): string | undefined =>
  references.find((r) => ['Practitioner', 'PractitionerRole'].includes(parseReference(r)?.type ?? ''));

async function ofClaim(reader: Reader, claim: Claim): Promise<About> {
  const services = (claim.item ?? [])
    .flatMap(({ servicedDate, servicedPeriod }) => servicedDate ?? servicedPeriod?.start ?? [])
    .sort();
  const about = aboutOf({
    service: services[0] ?? claim.billablePeriod?.start,
    provider: personOf((claim.careTeam ?? []).map(({ provider }) => provider.reference)),
    place: claim.facility?.reference,
  });
  return (await wasEdited(reader, claim)) ? { ...about, isEdited: true } : about;
}

/** Most versions of a claim that are looked at for the one that was sent. */
const versionsMax = 200;

/** Whether a biller had changed the draft when it was sent: what is said later is said of the claim that corrects it. */
async function wasEdited(reader: Reader, claim: Claim): Promise<boolean> {
  const place = draftPlace(claim);
  if (!place) return false;
  const record = await writtenHolder(reader, claimEditKey(place.encounter, place.order, place.part));
  const target = parseReference(record);
  if (target?.type !== 'Basic') return false;
  const said = await reader.vread('Basic', target.id, 1);
  const versions = await reader.history('Claim', claim.id ?? '', { count: versionsMax });
  const sent = versions.findLast((v) => !v.deleted && parsed<Claim>(v).status === 'active');
  return !said || !sent || said.lastUpdated <= sent.lastUpdated;
}

const ofCharge = ({ occurrenceDateTime, occurrencePeriod, performer = [], ...charge }: ChargeItem): About =>
  aboutOf({
    service: occurrenceDateTime ?? occurrencePeriod?.start,
    provider: personOf(performer.map(({ actor }) => actor.reference)),
    place: charge.supportingInformation?.find((r) => parseReference(r.reference)?.type === 'Location')
      ?.reference,
  });

const ofVisit = ({ period, participant = [], location = [] }: Encounter): About =>
  aboutOf({
    service: period?.start,
    provider: personOf(participant.map(({ individual }) => individual?.reference)),
    place: location[0]?.location.reference,
  });

/** The CARCs that an answer denies for, of an entry that posts a denial: CO and PI amounts first, the largest first. */
export async function carcsOf(reader: Reader, entry: Entry): Promise<string[]> {
  if (entry.reason !== 'claim-denied') return [];
  const [, version] = entry.cause.split('/_history/');
  const target = parseReference(entry.cause.split('/_history/')[0]);
  if (target?.type !== 'ClaimResponse') return [];
  const type: ResourceType = 'ClaimResponse';
  const stored = await reader.vread(type, target.id, Number(version ?? '0'));
  if (!stored || stored.deleted) return [];
  const sums = new Map<string, number>();
  for (const line of adjudicated(parsed<ClaimResponse>(stored)))
    for (const { group, reason, amount } of line.adjustments)
      if ((group === 'CO' || group === 'PI') && !contractualReasons.has(reason))
        sums.set(reason, (sums.get(reason) ?? 0) + amount);
  return [...sums].sort(([, a], [, b]) => b - a).map(([reason]) => reason);
}

/** How a patient paid, of an entry that posts a receipt or takes it back. */
export async function methodOf(reader: Reader, entry: Entry): Promise<string | undefined> {
  const target = parseReference(unversionedText(entry.cause));
  if (target?.type !== 'PaymentNotice' || !entry.postings.some(({ account }) => account === 'cash'))
    return undefined;
  const found = await readQuietly(reader, entry.cause.split('/_history/')[0]);
  return extensionOf(found?.resourceType === 'PaymentNotice' ? found : undefined, extension.paymentMethod)
    ?.valueCodeableConcept?.coding?.[0]?.code;
}
