import { createHash } from 'node:crypto';
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { FormerAnswer } from '../../billing/opening/broughtForward.ts';
import { numberSent } from '../../billing/opening/keptClaim.ts';
import { isMethod, methods } from '../../billing/payment/receipt.ts';
import { centsOf, zero, type Cents } from '../../datatypes/cents.ts';
import { contentText } from '../../datatypes/content.ts';
import { isDate } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { businessFault, missing, unknownCode, wrongValue, type Issue } from '../../outcome/issue.ts';
import { parameter } from '../parameters.ts';
import type { OpeningHead, ToLoad, ToWithdraw } from './toLoad.ts';

/** The most parts that one call takes: it is one transaction. */
export const partsMax = 100;

/** A numbered list of faults, read value by value. */
export class Faults {
  readonly issues: Issue[] = [];

  /** An amount of whole cents; `least` says what it may not be below. */
  money(given: ParametersParameter | undefined, at: string, least: 0 | 1): Cents {
    const amount = centsOf(given?.valueMoney);
    if (amount === undefined)
      this.issues.push(wrongValue('amount-malformed', at, 'the amount is in USD and whole cents'));
    else if (amount < least)
      this.issues.push(
        wrongValue(
          'amount-not-positive',
          at,
          least === 0 ? 'the amount is below zero' : 'the amount must be above zero',
        ),
      );
    return amount ?? zero;
  }

  /** A full date that is not after `last`. */
  date(given: ParametersParameter | undefined, at: string, last: string): string | undefined {
    const date = given?.valueDate;
    if (date === undefined) return undefined;
    if (!isDate(date)) this.issues.push(wrongValue('malformed-value', at, 'the date must be a full date'));
    else if (date > last) this.issues.push(wrongValue('date-in-future', at, `the date is after ${last}`));
    return date;
  }

  text(given: ParametersParameter | undefined, at: string): string {
    const text = given?.valueString?.trim() ?? '';
    if (text === '') this.issues.push(missing('reference-missing', at, 'it is told by a number or a name'));
    return text;
  }

  reference(given: ParametersParameter | undefined, at: string, type: string): string | undefined {
    const text = given?.valueReference?.reference;
    if (given === undefined) return undefined;
    const target = parseReference(text);
    if (target?.type === type) return `${target.type}/${target.id}`;
    this.issues.push(businessFault('wrong-reference', at, `names no ${type}`));
    return undefined;
  }
}

const valueAt = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** What a call says of the opening as a whole. */
export function readHead(input: Parameters, today: string, faults: Faults): OpeningHead {
  const of = (name: string) => parameter(input, name);
  const amount = (name: string): Cents => faults.money(of(name), valueAt(name), 0);
  return {
    practice: faults.reference(of('practice'), valueAt('practice'), 'Organization') ?? '',
    date: faults.date(of('date'), valueAt('date'), today) ?? today,
    source: faults.text(of('source'), valueAt('source')),
    control: {
      insurance: amount('insuranceTotal'),
      patient: amount('patientTotal'),
      credit: amount('creditTotal'),
    },
    close: of('close')?.valueBoolean === true,
    restate: of('restate')?.valueBoolean === true,
  };
}

/** The parts of a call: what to load, in the order it stands there. */
export function readItems(input: Parameters, last: string, faults: Faults): ToLoad[] {
  const items: ToLoad[] = [];
  const seen = new Set<string>();
  for (const [i, given] of (input.parameter ?? []).entries()) {
    const place = `Parameters.parameter[${i}]`;
    if (given.name === 'plan') {
      const text = 'a payment plan is not kept here yet: load what is open of it as a balance';
      faults.issues.push(businessFault('opening-plan-not-kept', place, text));
    }
    const read = readers[given.name];
    if (!read) continue;
    const item = read(new Part(given, place, faults), last);
    const key = `${item.kind}|${item.reference.toUpperCase()}`;
    if (item.reference !== '' && seen.has(key))
      faults.issues.push(businessFault('opening-part-repeated', place, `${item.reference} comes twice`));
    seen.add(key);
    items.push(item);
  }
  if (items.length > partsMax) {
    const text = `at most ${partsMax} parts come in one call: send them in several`;
    faults.issues.push(businessFault('opening-too-many', 'Parameters.parameter', text));
  }
  return items;
}

/** What is to be taken off again. */
export const readWithdrawals = (input: Parameters, faults: Faults): ToWithdraw[] =>
  (input.parameter ?? []).flatMap((given, i): ToWithdraw[] => {
    if (given.name !== 'withdraw') return [];
    const part = new Part(given, `Parameters.parameter[${i}]`, faults);
    const kind = kinds.find((k) => k === part.of('kind')?.valueCode);
    if (kind === undefined) {
      faults.issues.push(
        unknownCode('opening-kind', part.at('kind'), `the kind is one of ${kinds.join(', ')}`),
      );
      return [];
    }
    return [{ place: part.place, kind, reference: faults.text(part.of('reference'), part.at('reference')) }];
  });

const kinds = ['claim', 'balance', 'credit'] as const;

/** One parameter with parts, and where it stands. */
class Part {
  readonly place: string;
  readonly faults: Faults;
  readonly #given: ParametersParameter;

  constructor(given: ParametersParameter, place: string, faults: Faults) {
    this.#given = given;
    this.place = place;
    this.faults = faults;
  }

  of(name: string): ParametersParameter | undefined {
    return this.#given.part?.find((p) => p.name === name);
  }
  all(name: string): ParametersParameter[] {
    return this.#given.part?.filter((p) => p.name === name) ?? [];
  }
  at(name: string): string {
    return `${this.place}.part.where(name='${name}').value`;
  }
  /** Whose it is; one of both has to be told, but for a claim, which names its patient. */
  owner(needed: boolean): { account: string | undefined; patient: string | undefined } {
    const account = this.faults.reference(this.of('account'), this.at('account'), 'Account');
    const patient = this.faults.reference(this.of('patient'), this.at('patient'), 'Patient');
    if (needed && !this.of('account') && !this.of('patient'))
      this.faults.issues.push(missing('owner-missing', this.place, 'it names an account or a patient'));
    return { account, patient };
  }
  get content(): string {
    return createHash('sha256').update(contentText(this.#given)).digest('hex');
  }
}

type ReadPart = (part: Part, last: string) => ToLoad;

const readers: Readonly<Partial<Record<string, ReadPart>>> = {
  claim: readClaim,
  balance: readBalance,
  credit: readCredit,
};

function readClaim(part: Part, last: string): ToLoad {
  const { faults, place } = part;
  const resource = part.of('resource')?.resource;
  const claim = resource?.resourceType === 'Claim' ? resource : undefined;
  if (!claim) throw new Error('the definition of the operation asks for a Claim');
  const number = numberSent(claim) ?? '';
  if (number === '') {
    const text = 'the claim says under which number it was sent: an identifier of type PLAC';
    faults.issues.push(
      missing('claim-number-missing', `${part.place}.part.where(name='resource').resource.identifier`, text),
    );
  }
  const payerNumber = part.of('payerNumber')?.valueString?.trim();
  return {
    kind: 'claim',
    place,
    reference: number,
    content: part.content,
    ...part.owner(false),
    claim,
    sent: faults.date(part.of('sent'), part.at('sent'), last) ?? '',
    open: faults.money(part.of('open'), part.at('open'), 0),
    payerNumber: payerNumber === '' ? undefined : payerNumber,
    answers: part
      .all('answer')
      .map((a) => readAnswer(new Part(a, `${place}.part.where(name='answer')`, faults), last)),
  };
}

function readAnswer(part: Part, last: string): FormerAnswer {
  const adjusted = centsOf(part.of('adjusted')?.valueMoney);
  if (adjusted === undefined)
    part.faults.issues.push(
      wrongValue('amount-malformed', part.at('adjusted'), 'the amount is in USD and whole cents'),
    );
  return {
    paid: part.faults.money(part.of('paid'), part.at('paid'), 0),
    adjusted: adjusted ?? zero,
    date: part.faults.date(part.of('date'), part.at('date'), last),
    number: part.of('payerNumber')?.valueString?.trim(),
  };
}

function readBalance(part: Part, last: string): ToLoad {
  const { faults, place } = part;
  return {
    kind: 'balance',
    place,
    reference: faults.text(part.of('reference'), part.at('reference')),
    content: part.content,
    ...part.owner(true),
    amount: faults.money(part.of('amount'), part.at('amount'), 1),
    serviceDate: faults.date(part.of('serviceDate'), part.at('serviceDate'), last),
    statementDate: faults.date(part.of('statementDate'), part.at('statementDate'), last),
  };
}

function readCredit(part: Part, last: string): ToLoad {
  const { faults, place } = part;
  const method = part.of('method')?.valueCode ?? '';
  if (!isMethod(method))
    faults.issues.push(
      unknownCode('payment-method', part.at('method'), `the method is one of ${methods.join(', ')}`),
    );
  return {
    kind: 'credit',
    place,
    reference: faults.text(part.of('reference'), part.at('reference')),
    content: part.content,
    ...part.owner(true),
    amount: faults.money(part.of('amount'), part.at('amount'), 1),
    date: faults.date(part.of('date'), part.at('date'), last) ?? last,
    method: isMethod(method) ? method : 'other',
  };
}
