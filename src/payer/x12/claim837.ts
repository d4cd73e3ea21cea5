import type { Adjudicated } from '../../datatypes/adjudication.ts';
import { sum, type Cents } from '../../datatypes/cents.ts';
import { isInpatientBill } from '../../terminology/typeOfBill.ts';
import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop } from '../../x12/loop.ts';
import { component, element, repeats, type Segment } from '../../x12/segment.ts';
import type { Received, ReceivedLine } from '../received.ts';
import { otherPayersOf } from './otherPayer837.ts';
import { amountOf, dayOf, daysOf, said } from './value.ts';

/** Who is paid: the billing provider. */
export interface Payee {
  readonly npi: string;
  readonly tin: string;
  readonly name: string;
}

/** Whom a claim is for, as NM1 names people. */
export interface Person {
  readonly last: string;
  readonly first: string;
}

/** A line as it came, as far as the answer repeats it. */
export interface ClaimLine {
  readonly sequence: number;
  readonly number: string; // REF*6R
  readonly product: readonly string[]; // qualifier, code, modifiers
  readonly revenue: string;
  readonly units: string;
  readonly charge: Cents;
  readonly from: string;
  readonly through: string;
}

/** A claim of an 837 as this payer reads it from its loops. */
export interface Claim837 {
  readonly form: 'professional' | 'institutional' | 'oral';
  readonly number: string; // CLM01
  readonly charge: Cents; // CLM02
  readonly facility: string; // CLM05-1
  readonly frequency: string; // CLM05-3
  readonly payerId: string;
  readonly payee: Payee;
  readonly member: string;
  readonly patient: Person;
  readonly filing: string; // SBR09
  readonly rank: number; // 1 primary, 2 secondary, 3 tertiary and later
  readonly prior: string; // REF*F8, '' where there is none
  readonly lines: readonly ClaimLine[];
  readonly received: Received;
  readonly priors: readonly (readonly Adjudicated[])[]; // what the payers before decided
  readonly priorAnsweredOn?: string;
}

const forms: Readonly<Record<string, Claim837['form']>> = { '222': 'professional', '223': 'institutional' };

/** Professional, institutional or oral, by the guide: 005010X222A1. */
export const formOf = (guide: string): Claim837['form'] => forms[guide.slice(7, 10)] ?? 'oral';

const ranks = ['P', 'S', 'T'];

/** Reads a claim: loop 2300 with the levels of provider, subscriber and patient above it. */
export function readClaim837(claim: Loop, above: readonly Loop[], form: Claim837['form']): Claim837 {
  const level = (id: string): Loop | undefined => above.find((loop) => loop.id === id);
  const [provider, subscriber, dependent] = ['2000A', '2000B', '2000C'].map(level);
  const clm = segmentOf(claim, 'CLM');
  const billing = provider && loopOf(provider, '2010AA');
  const insured = subscriber && loopOf(subscriber, '2010BA');
  const patient = dependent ? loopOf(dependent, '2010CA') : insured;
  const rank = ranks.indexOf(said(subscriber, 'SBR', 1)) + 1;
  const facility = clm ? component(clm, 5, 1) : '';
  const lines = linesOf(claim, form);
  const [priors, priorAnsweredOn] = otherPayersOf(claim, lines);
  return {
    form,
    number: clm ? element(clm, 1) : '',
    charge: amountOf(clm, 2),
    facility,
    frequency: clm ? component(clm, 5, 3) : '',
    payerId: said(subscriber && loopOf(subscriber, '2010BB'), 'NM1', 9),
    payee: {
      npi: said(billing, 'NM1', 9),
      tin: said(billing, 'REF', 2, 'EI') || said(billing, 'REF', 2, 'SY'),
      name: said(billing, 'NM1', 3),
    },
    member: said(insured, 'NM1', 9),
    patient: { last: said(patient, 'NM1', 3), first: said(patient, 'NM1', 4) },
    filing: said(subscriber, 'SBR', 9),
    rank: rank === 0 ? 3 : rank,
    prior: said(claim, 'REF', 2, 'F8'),
    lines,
    received: receivedOf(claim, {
      form,
      lines,
      isStay: form === 'institutional' && isInpatientBill(facility),
    }),
    priors,
    ...(priorAnsweredOn === undefined ? {} : { priorAnsweredOn }),
  };
}

const service: Readonly<Record<Claim837['form'], string>> = {
  professional: 'SV1',
  institutional: 'SV2',
  oral: 'SV3',
};

function linesOf(claim: Loop, form: Claim837['form']): ClaimLine[] {
  const whole = daysOf(segmentOf(claim, 'DTP', '434')) ?? daysOf(segmentOf(claim, 'DTP', '472'));
  return loopsOf(claim, '2400').map((loop, i) => {
    const served = segmentOf(loop, service[form]);
    const at = form === 'institutional' ? 2 : 1; // the composite of the procedure
    const product = served ? [1, 2, 3, 4, 5, 6].map((m) => component(served, at, m)) : [];
    const [from, through] = daysOf(segmentOf(loop, 'DTP', '472')) ?? whole ?? ['', ''];
    const units = served ? element(served, { professional: 4, institutional: 5, oral: 6 }[form]) : '';
    return {
      sequence: Number(said(loop, 'LX', 1)) || i + 1,
      number: said(loop, 'REF', 2, '6R'),
      product: product.slice(0, product.findLastIndex((part) => part !== '') + 1),
      revenue: form === 'institutional' && served ? element(served, 1) : '',
      units: units === '' ? '1' : units,
      charge: amountOf(served, at + 1),
      ...{ from, through },
    };
  });
}

interface Read {
  readonly form: Claim837['form'];
  readonly lines: readonly ClaimLine[];
  readonly isStay: boolean;
}

/** What the claim is judged by, in the words in which any claim is. */
function receivedOf(claim: Loop, { form, lines, isStay }: Read): Received {
  const statement = daysOf(segmentOf(claim, 'DTP', '434'));
  const days = lines.flatMap((l) => (l.from === '' ? [] : [l.from, l.through])).toSorted();
  const from = statement?.[0] ?? days[0] ?? '';
  const drg = drgOf(claim);
  const authorization = said(claim, 'REF', 2, 'G1');
  const attached = [claim, ...loopsOf(claim, '2400')].some((loop) => segmentsOf(loop, 'PWK').length > 0);
  return {
    lines: lines.map((l): ReceivedLine => {
      const [, code = '', ...modifiers] = l.product;
      return {
        sequence: l.sequence,
        ...(code === '' ? {} : { code }),
        modifiers: modifiers.filter((m) => m !== ''),
        units: Number(l.units),
        charge: l.charge,
        on: isStay || l.from === '' ? from : l.from,
      };
    }),
    charge: sum(lines.map((l) => l.charge)),
    institutional: form === 'institutional',
    inpatient: isStay,
    from: isStay ? (admissionOf(claim) ?? from) : from,
    through: statement?.[1] ?? days.at(-1) ?? from,
    ...(drg === undefined ? {} : { drg }),
    ...(authorization === '' ? {} : { authorization }),
    corrects: said(claim, 'REF', 2, 'F8') !== '',
    attached,
  };
}

/** DTP*435: the day, with or without the hour. */
const admissionOf = (claim: Loop): string | undefined => dayOf(said(claim, 'DTP', 3, '435').slice(0, 8));

/** HI with qualifier DR. */
function drgOf(claim: Loop): string | undefined {
  const codes = segmentsOf(claim, 'HI').flatMap((hi: Segment) =>
    repeats(hi, 1).map((one) => one.split(hi.delimiters.component)),
  );
  return codes.find(([qualifier]) => qualifier === 'DR')?.[1];
}
