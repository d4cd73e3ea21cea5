import type { Claim, ClaimInsurance, ClaimItem } from '@medplum/fhirtypes';
import { concept } from '../../../datatypes/coding.ts';
import { toMoney, zero } from '../../../datatypes/cents.ts';
import { changed } from '../../../datatypes/json.ts';
import { system } from '../../../terminology/system.ts';
import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop } from '../../../x12/loop.ts';
import { element } from '../../../x12/segment.ts';
import { readPlaces } from './ambulance.ts';
import { readCodes } from './billCodes.ts';
import { readClaimSegment, type ClaimFacts } from './claimSegment.ts';
import { sequenceOfPlace } from './coverageCode.ts';
import { readDiagnoses } from './diagnosisCodes.ts';
import { addressOf, partyIn } from './party.ts';
import { readFacility, ReadTeam } from './readCareTeam.ts';
import { readLine } from './readLine.ts';
import { readOtherPayers } from './readOtherPayer.ts';
import { Parties, readCoverage, readPayer, readPerson } from './readParties.ts';
import { claimSupport, finished, Numbering } from './readSupport.ts';
import type { ClaimForm } from './sending.ts';
import { amountOf, dateOfText, daysOf } from './value.ts';
import { isInpatientBill } from '../../../terminology/typeOfBill.ts';

/** The form of an 837 by the guide that it was read with; undefined for another set. */
export function formOfGuide(guide: string): ClaimForm | undefined {
  const [, number] = /^(?:004010|005010)(X\d{3})/.exec(guide) ?? [];
  if (number === 'X222' || number === 'X098') return 'professional';
  if (number === 'X223' || number === 'X096') return 'institutional';
  return number === 'X224' || number === 'X097' ? 'oral' : undefined;
}

/** A claim of a set, with the loops that it lies in: ST, 2000A, 2000B and perhaps 2000C. */
export interface ClaimUnit {
  readonly loop: Loop; // 2300
  readonly above: readonly Loop[];
}

/** Claim of an 837: billing provider, patient, payers and answers are contained. */
export function readClaim({ loop, above }: ClaimUnit, form: ClaimForm): Claim {
  const parties = new Parties();
  const find = (id: string): Loop | undefined => above.find((each) => each.id === id);
  const created = dateOf(find('ST'));
  const provider = parties.add(billingProvider(find('2000A')));
  const insured = readInsured(find('2000B'), find('2000C'), parties);
  const team = new ReadTeam(form, (resource) => parties.add(resource));
  team.read(loop, 'claim');
  const period = statement(loop);
  const clm = segmentOf(loop, 'CLM');
  const lineLoops = loopsOf(loop, '2400');
  const sequences = lineLoops.map((_, n) => n + 1);
  const facts = clm
    ? readClaimSegment(clm, form, period?.start ?? firstDay(lineLoops) ?? created)
    : undefined;
  const support = new Numbering();
  support.add(claimSupport(loop, form, facts, (location) => parties.add(location)));
  const item = lineLoops.map((line, n) => readItem(line, n, { form, facts, team, support, parties }));
  const base = head(loop, form, { facts, created, period: period ?? periodOf(item), provider, insured });
  const place = readFacility(loop, form);
  const claim: Omit<Claim, 'insurance'> = changed(base, {
    ...(place ? { facility: { reference: parties.add(place) } } : {}),
    ...(team.members.length === 0 ? {} : { careTeam: team.members }),
    ...(support.all.length === 0 ? {} : { supportingInfo: finished(support.all, base) }),
    ...(item.length === 0 ? {} : { item }),
  });
  const others = readOtherPayers(loop, {
    claim,
    patient: insured.patient,
    lines: sequences.flatMap((n) => lineLoops[n - 1] ?? []),
    add: (resource) => parties.add(resource),
  });
  const insurance = numberedPayers([focal(loop, insured), ...others]);
  return changed(claim, { contained: parties.contained, insurance });
}

const dateOf = (st: Loop | undefined): string => {
  const bht = st && segmentOf(st, 'BHT');
  return (bht && dateOfText(element(bht, 4))) ?? '';
};

/** Loop 2000A: the billing provider, with the address that is paid to. */
function billingProvider(level: Loop | undefined) {
  const prv = level && segmentOf(level, 'PRV');
  const billing = level && loopOf(level, '2010AA');
  const party = (level && partyIn(level, '2010AA')) ?? { resourceType: 'Organization' as const };
  const pay = level && loopOf(level, '2010AB');
  const payTo = pay && addressOf(pay);
  const code = prv ? concept(system.taxonomy, element(prv, 3)) : undefined;
  const address = payTo
    ? [...(party.address ?? []), changed(payTo, { use: 'billing' as const })]
    : party.address;
  const addressed = changed(party, { ...(address && billing ? { address } : {}) });
  if (!code) return addressed;
  return addressed.resourceType === 'Practitioner'
    ? changed(addressed, { qualification: [{ code }] })
    : changed(addressed, { type: [code] });
}

interface Insured {
  readonly patient: string;
  readonly payer: string;
  readonly coverage: string;
  readonly sequence: number | undefined;
}

function readInsured(subscriber: Loop | undefined, dependent: Loop | undefined, parties: Parties): Insured {
  const [member, paying] = subscriber ? [loopOf(subscriber, '2010BA'), loopOf(subscriber, '2010BB')] : [];
  const holder = parties.add(
    member ? readPerson(member, subscriber && segmentOf(subscriber, 'PAT')) : { resourceType: 'Patient' },
  );
  const pat = dependent && segmentOf(dependent, 'PAT');
  const named = dependent && loopOf(dependent, '2010CA');
  const patient = named ? parties.add(readPerson(named, pat)) : holder;
  const payer = parties.add(paying ? readPayer(paying) : { resourceType: 'Organization' });
  const sbr = subscriber && segmentOf(subscriber, 'SBR');
  const relationship = dependent ? (pat ? element(pat, 1) : '') : '18';
  const made = sbr && readCoverage(sbr, member, { patient, holder, payer, relationship });
  return {
    patient,
    payer,
    coverage: made ? parties.add(made) : '',
    sequence: sbr ? sequenceOfPlace(element(sbr, 1)) : undefined,
  };
}

interface Head {
  readonly facts: ClaimFacts | undefined;
  readonly created: string;
  readonly period: Claim['billablePeriod'];
  readonly provider: string;
  readonly insured: Insured;
}

function head(
  loop: Loop,
  form: ClaimForm,
  { facts, created, period, provider, insured }: Head,
): Omit<Claim, 'insurance'> {
  const clm = segmentOf(loop, 'CLM');
  const diagnosis = readDiagnoses(segmentsOf(loop, 'HI'), form);
  const { procedures } = readCodes(segmentsOf(loop, 'HI'));
  const replaced = referenceOf(loop, 'F8');
  const referral = referenceOf(loop, '9F');
  const clearinghouse = referenceOf(loop, 'D9');
  const accident = segmentOf(loop, 'DTP', '439');
  const date = accident && dateOfText(element(accident, 3));
  const inpatient = isInpatientBill(facts?.place ?? '');
  return {
    resourceType: 'Claim',
    ...(facts === undefined || facts.extension.length === 0 ? {} : { extension: [...facts.extension] }),
    identifier: [
      {
        type: { coding: [{ system: system.identifierType, code: 'PLAC' }] },
        system: system.patientControlNumber,
        value: facts?.number ?? '',
      },
      ...(clearinghouse === '' ? [] : [{ system: system.clearinghouseClaim, value: clearinghouse }]),
    ],
    status: 'active',
    type: concept(system.claimType, form),
    ...(form === 'institutional'
      ? { subType: concept(system.c4bbInstitutionalSubType, inpatient ? 'inpatient' : 'outpatient') }
      : {}),
    use: 'claim',
    patient: { reference: insured.patient },
    ...(period ? { billablePeriod: period } : {}),
    created,
    insurer: { reference: insured.payer },
    provider: { reference: provider },
    priority: concept(system.processPriority, 'normal'),
    payee: { type: concept(system.payeeType, 'provider'), party: { reference: provider } },
    ...(replaced === ''
      ? {}
      : {
          related: [
            {
              relationship: concept(system.relatedClaim, 'prior'),
              reference: { system: system.payerClaimControlNumber, value: replaced },
            },
          ],
        }),
    ...(referral === '' ? {} : { referral: { identifier: { value: referral } } }),
    ...(diagnosis.length === 0 ? {} : { diagnosis }),
    ...(procedures.length === 0 ? {} : { procedure: [...procedures] }),
    ...(facts?.accident && date !== undefined ? { accident: changed(facts.accident, { date }) } : {}),
    total: toMoney((clm && amountOf(element(clm, 2))) ?? zero),
  };
}

function referenceOf(loop: Loop, qualifier: string): string {
  const ref = segmentOf(loop, 'REF', qualifier);
  return ref ? element(ref, 2) : '';
}

/** DTP*434. */
function statement(loop: Loop): { start: string; end: string } | undefined {
  const dtp = segmentOf(loop, 'DTP', '434');
  const days = dtp && daysOf(element(dtp, 2), element(dtp, 3));
  return days && { start: days.start, end: days.end ?? days.start };
}

function firstDay(lines: readonly Loop[]): string | undefined {
  const days = lines.flatMap((line) => {
    const dtp = segmentOf(line, 'DTP', '472');
    return (dtp && daysOf(element(dtp, 2), element(dtp, 3))?.start) ?? [];
  });
  return days.sort()[0];
}

/** From the first to the last day of the lines. */
function periodOf(items: readonly ClaimItem[]): Claim['billablePeriod'] {
  const days = items.flatMap((i) =>
    [i.servicedDate, i.servicedPeriod?.start, i.servicedPeriod?.end].flatMap((d) => d ?? []),
  );
  const sorted = days.sort();
  const [start] = sorted;
  return start === undefined ? undefined : { start, end: sorted.at(-1) ?? start };
}

interface ItemSetting {
  readonly form: ClaimForm;
  readonly facts: ClaimFacts | undefined;
  readonly team: ReadTeam;
  readonly support: Numbering;
  readonly parties: Parties;
}

function readItem(line: Loop, n: number, { form, facts, team, support, parties }: ItemSetting): ClaimItem {
  const setting = { form, sequence: n + 1, number: facts?.number ?? '', place: facts?.place ?? '' };
  const { item, support: said } = readLine(line, setting);
  const places = form === 'professional' ? readPlaces(line, ['2420G', '2420H'], (l) => parties.add(l)) : [];
  const informationSequence = support.add([...said, ...places]);
  const own = team.read(line, 'line');
  const rendering = form === 'institutional' ? undefined : team.of('rendering');
  const hasOwn = own.some((s) => team.members[s - 1]?.role?.coding?.[0]?.code === 'rendering');
  const careTeamSequence = [...(rendering === undefined || hasOwn ? [] : [rendering]), ...own];
  return changed(item, {
    ...(careTeamSequence.length === 0 ? {} : { careTeamSequence }),
    ...(informationSequence.length === 0 ? {} : { informationSequence }),
  });
}

function focal(
  loop: Loop,
  { coverage, sequence }: Insured,
): Omit<ClaimInsurance, 'sequence'> & { sequence?: number } {
  const authorization = referenceOf(loop, 'G1');
  return {
    ...(sequence === undefined ? {} : { sequence }),
    focal: true,
    coverage: { reference: coverage },
    ...(authorization === '' ? {} : { preAuthRef: [authorization] }),
  };
}

/** Payers by their places; one whose place is not known comes after the others. */
function numberedPayers(
  all: readonly (Omit<ClaimInsurance, 'sequence'> & { sequence?: number })[],
): ClaimInsurance[] {
  let last = Math.max(0, ...all.map(({ sequence = 0 }) => sequence));
  return all
    .map((insurance) => changed(insurance, { sequence: insurance.sequence ?? (last += 1) }))
    .sort((a, b) => a.sequence - b.sequence);
}
