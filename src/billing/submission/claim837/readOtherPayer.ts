import type { Claim, ClaimInsurance, ClaimResponse, ClaimResponseItem, Resource } from '@medplum/fhirtypes';
import { add, centsOf, sum, toMoney, zero, type Cents } from '../../../datatypes/cents.ts';
import { concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop } from '../../../x12/loop.ts';
import { element, type Segment } from '../../../x12/segment.ts';
import { adjustmentEntries, decisionEntries, readAdjustments, type Adjustment } from './adjustment.ts';
import { sequenceOfPlace } from './coverageCode.ts';
import { readCoverage, readPayer, readPerson } from './readParties.ts';
import { amountOf, dateOfText } from './value.ts';

/** Other payers of a claim that is read: Coverage, Organization and, where it decided, ClaimResponse. */

interface Setting {
  readonly claim: Omit<Claim, 'insurance'>;
  readonly patient: string; // '#patient-1'
  readonly lines: readonly Loop[]; // 2400, in the order of the items
  readonly add: (resource: Resource) => string;
}

/** Claim.insurance of each loop 2320; a payer whose place is not known has no sequence yet. */
export function readOtherPayers(
  loop: Loop,
  setting: Setting,
): (Omit<ClaimInsurance, 'sequence'> & { sequence?: number })[] {
  const others = loopsOf(loop, '2320');
  return others.map((other) => {
    const sbr = segmentOf(other, 'SBR');
    const [member, paying] = [loopOf(other, '2330A'), loopOf(other, '2330B')];
    const relationship = sbr ? element(sbr, 2) : '';
    const holder = relationship === '18' || !member ? setting.patient : setting.add(readPerson(member));
    const payer = setting.add(paying ? readPayer(paying) : { resourceType: 'Organization' });
    const made = readCoverage(sbr ?? emptySegment, member, {
      patient: setting.patient,
      holder,
      payer,
      relationship,
    });
    const number = paying ? payerNumber(paying) : '';
    const answer = readAnswer(other, { ...setting, payer, only: others.length === 1, number });
    const authorization = paying ? referenceOf(paying, 'G1') : '';
    const sequence = sbr ? sequenceOfPlace(element(sbr, 1)) : undefined;
    return {
      ...(sequence === undefined ? {} : { sequence }),
      focal: false,
      coverage: { reference: setting.add(made) },
      ...(authorization === '' ? {} : { preAuthRef: [authorization] }),
      ...(answer ? { claimResponse: { reference: setting.add(answer) } } : {}),
    };
  });
}

const emptySegment: Segment = {
  id: 'SBR',
  elements: [],
  position: 0,
  delimiters: { element: '*', component: ':', repetition: '^', terminator: '~' },
};

function payerNumber(loop: Loop): string {
  const nm1 = segmentOf(loop, 'NM1');
  return nm1 ? element(nm1, 9) : '';
}

function referenceOf(loop: Loop, qualifier: string): string {
  const ref = segmentOf(loop, 'REF', qualifier);
  return ref ? element(ref, 2) : '';
}

interface AnswerSetting extends Setting {
  readonly payer: string;
  readonly only: boolean; // no other payer could have decided
  readonly number: string;
}

/** What a payer decided; undefined where it has not yet. */
function readAnswer(other: Loop, setting: AnswerSetting): ClaimResponse | undefined {
  const { claim, payer, number, only, lines } = setting;
  const decided = lines.flatMap((line, n): { item: ClaimResponseItem; on: string | undefined }[] => {
    const own = loopsOf(line, '2430').find((inner) => only || payerOfLine(inner) === number);
    const item = claim.item?.[n];
    return own && item ? [readLineAnswer(own, item.sequence, centsOf(item.net) ?? zero)] : [];
  });
  const adjustments = readAdjustments(segmentsOf(other, 'CAS'));
  const paid = segmentOf(other, 'AMT', 'D');
  if (decided.length === 0 && adjustments.length === 0 && !paid) return undefined;
  const paying = loopOf(other, '2330B');
  const control = paying ? referenceOf(paying, 'F8') : '';
  const dated = paying && segmentOf(paying, 'DTP', '573');
  const on = decided[0]?.on ?? (dated ? dateOfText(element(dated, 3)) : undefined) ?? claim.created;
  const amount = (paid && amountOf(element(paid, 2))) ?? zero;
  const charge = centsOf(claim.total) ?? zero;
  const header = decided.length > 0 ? adjustmentEntries(adjustments) : decision(charge, amount, adjustments);
  const notes = remarks(other);
  return {
    resourceType: 'ClaimResponse',
    ...(control === '' ? {} : { identifier: [{ system: system.payerClaimControlNumber, value: control }] }),
    status: 'active',
    type: claim.type,
    use: 'claim',
    patient: { reference: setting.patient },
    created: on,
    insurer: { reference: payer },
    outcome: 'complete',
    ...(decided.length === 0 ? {} : { item: decided.map(({ item }) => item) }),
    ...(header.length === 0 ? {} : { adjudication: header }),
    payment: { type: concept(system.paymentType, 'complete'), date: on, amount: toMoney(amount) },
    ...(notes.length === 0
      ? {}
      : { processNote: notes.map((text, n) => ({ number: n + 1, type: 'print' as const, text })) }),
  };
}

function payerOfLine(loop: Loop): string {
  const svd = segmentOf(loop, 'SVD');
  return svd ? element(svd, 1) : '';
}

function readLineAnswer(
  loop: Loop,
  sequence: number,
  charge: Cents,
): { item: ClaimResponseItem; on: string | undefined } {
  const [svd, dated] = [segmentOf(loop, 'SVD'), segmentOf(loop, 'DTP', '573')];
  const paid = (svd && amountOf(element(svd, 2))) ?? zero;
  const adjustments = readAdjustments(segmentsOf(loop, 'CAS'));
  return {
    item: { itemSequence: sequence, adjudication: decision(charge, paid, adjustments) },
    on: dated ? dateOfText(element(dated, 3)) : undefined,
  };
}

/** Allowed is what was paid and what is the patient's. */
function decision(charge: Cents, paid: Cents, adjustments: readonly Adjustment[]) {
  const share = sum(adjustments.filter(({ group }) => group === 'PR').map(({ amount }) => amount));
  return [...decisionEntries(charge, add(paid, share), paid), ...adjustmentEntries(adjustments)];
}

/** Remark codes of MOA and MIA. */
function remarks(loop: Loop): string[] {
  const [moa, mia] = [segmentOf(loop, 'MOA'), segmentOf(loop, 'MIA')];
  const values = [
    ...(moa ? [3, 4, 5, 6, 7].map((n) => element(moa, n)) : []),
    ...(mia ? [5, 20, 21, 22, 23].map((n) => element(mia, n)) : []),
  ];
  return values.filter((code) => code !== '');
}
