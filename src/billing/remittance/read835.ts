import { zero } from '../../datatypes/cents.ts';
import { component, element, type Segment } from '../../x12/segment.ts';
import type { Advice, AdviceProviderAdjustment } from './advice.ts';
import {
  adjustmentsOf,
  amountOf,
  dateOf8,
  name,
  nameOf,
  number,
  pad,
  required,
  serviceOf,
  text,
  type Open,
  type OpenClaim,
  type OpenLine,
  type OpenParty,
} from './segment835.ts';

/** Reads one 835 transaction set segment after segment, ST to SE, in the order they came. 835 005010X221A1 */
export class AdviceReader {
  #set = '';
  readonly #payment: Partial<
    Pick<Open<Advice>, 'handling' | 'paid' | 'method' | 'date' | 'trace' | 'payerTin' | 'production'>
  > = {};
  readonly #payer: OpenParty = { ids: [] };
  readonly #payee: OpenParty = { ids: [] };
  readonly #claims: OpenClaim[] = [];
  readonly #adjustments: AdviceProviderAdjustment[] = [];
  readonly #faults: string[] = [];
  #party: OpenParty | undefined;
  #practice: string | undefined;
  #claim: OpenClaim | undefined;
  #line: OpenLine | undefined;

  take(segment: Segment): void {
    switch (segment.id) {
      case 'ST':
        this.#set = element(segment, 2);
        return;
      case 'LX':
        this.#claim = this.#line = this.#party = this.#practice = undefined;
        return;
      case 'TS3':
        this.#practice = element(segment, 1);
        return;
      case 'CLP':
        this.#begin(segment);
        return;
      case 'PLB':
        this.#claim = this.#line = undefined;
        this.#adjust(segment);
        return;
      default:
        if (this.#line) this.#inLine(segment, this.#line);
        else if (this.#claim) this.#inClaim(segment, this.#claim);
        else this.#inHeader(segment);
    }
  }

  advice(): Advice {
    const { handling, paid, method, trace, production, date = production } = this.#payment;
    const faults = [...this.#faults];
    if (paid === undefined) faults.push('BPR02 is no amount');
    if (date === undefined) faults.push('BPR16 is no date');
    if (trace === undefined || trace === '') faults.push('TRN02 is missing');
    return {
      ...this.#payment,
      set: this.#set,
      handling: handling ?? '',
      paid: paid ?? zero,
      method: method ?? '',
      date: date ?? '',
      trace: trace ?? '',
      payer: this.#payer,
      payee: this.#payee,
      claims: this.#claims,
      adjustments: this.#adjustments,
      faults,
    };
  }

  #inHeader(segment: Segment): void {
    const own = this.#payment;
    switch (segment.id) {
      case 'BPR': {
        own.handling = element(segment, 1);
        const paid = amountOf(segment, 2);
        if (paid !== undefined) own.paid = paid;
        own.method = element(segment, 4);
        const date = dateOf8(element(segment, 16));
        if (date !== undefined) own.date = date;
        return;
      }
      case 'TRN': {
        own.trace = element(segment, 2);
        const company = element(segment, 3);
        if (company !== '') own.payerTin = company.replace(/^1(?=\d{9}$)/, '');
        return;
      }
      case 'DTM': {
        const date = dateOf8(element(segment, 2));
        if (element(segment, 1) === '405' && date !== undefined) own.production = date;
        return;
      }
      case 'N1': {
        const kind = element(segment, 1);
        this.#party = kind === 'PR' ? this.#payer : kind === 'PE' ? this.#payee : undefined;
        if (this.#party) name(this.#party, element(segment, 2), element(segment, 3), element(segment, 4));
        return;
      }
      case 'REF':
        if (this.#party) number(this.#party, element(segment, 1), element(segment, 2));
        return;
      default:
    }
  }

  #begin(segment: Segment): void {
    const faults: string[] = [];
    this.#line = undefined;
    const share = amountOf(segment, 5);
    this.#claim = {
      ordinal: this.#claims.length + 1,
      position: segment.position,
      patientControlNumber: element(segment, 1),
      status: element(segment, 2),
      charge: required(segment, 3, faults),
      paid: required(segment, 4, faults),
      ...(share === undefined ? {} : { patientShare: share }),
      ...text('filingIndicator', element(segment, 6)),
      ...text('payerControlNumber', element(segment, 7)),
      ...text('facilityCode', element(segment, 8)),
      ...text('frequency', element(segment, 9)),
      ...text('drg', element(segment, 11)),
      ...(this.#practice === undefined ? {} : { practice: this.#practice }),
      adjustments: [],
      remarks: [],
      lines: [],
      faults,
    };
    this.#claims.push(this.#claim);
  }

  #inClaim(segment: Segment, claim: OpenClaim): void {
    switch (segment.id) {
      case 'CAS':
        claim.adjustments.push(...adjustmentsOf(segment, claim.faults));
        return;
      case 'NM1':
        nameOf(segment, claim);
        return;
      case 'MIA':
        claim.remarks.push(...[5, 20, 21, 22, 23].map((n) => element(segment, n)).filter((r) => r !== ''));
        return;
      case 'MOA':
        claim.remarks.push(...[3, 4, 5, 6, 7].map((n) => element(segment, n)).filter((r) => r !== ''));
        return;
      case 'REF':
        if (element(segment, 1) === 'F8') claim.original = element(segment, 2);
        return;
      case 'DTM': {
        const date = dateOf8(element(segment, 2));
        if (date === undefined) return;
        const kind = element(segment, 1);
        if (kind === '050') claim.received = date;
        if (kind === '232') claim.from = date;
        if (kind === '233') claim.to = date;
        return;
      }
      case 'AMT': {
        const interest = amountOf(segment, 2);
        if (element(segment, 1) === 'I' && interest !== undefined) claim.interest = interest;
        return;
      }
      case 'SVC':
        this.#line = serviceOf(segment, claim.faults);
        claim.lines.push(this.#line);
        return;
      default:
    }
  }

  #inLine(segment: Segment, line: OpenLine): void {
    const claim = this.#claim;
    if (!claim) return;
    switch (segment.id) {
      case 'SVC':
        this.#inClaim(segment, claim);
        return;
      case 'CAS':
        line.adjustments.push(...adjustmentsOf(segment, claim.faults));
        return;
      case 'DTM': {
        const [from, to] = element(segment, 2).split('-').map(dateOf8);
        const kind = element(segment, 1);
        if (from === undefined) return;
        if (kind === '472' || kind === '150') line.from = from;
        if (kind === '151') line.to = from;
        if (to !== undefined) line.to = to;
        return;
      }
      case 'REF':
        if (element(segment, 1) === '6R') line.controlNumber = element(segment, 2);
        return;
      case 'AMT': {
        const allowed = amountOf(segment, 2);
        if (element(segment, 1) === 'B6' && allowed !== undefined) line.allowed = allowed;
        return;
      }
      case 'LQ':
        if (element(segment, 1) === 'HE') line.remarks.push(element(segment, 2));
        return;
      default:
    }
  }

  /** PLB03 and 04, and up to five more pairs. */
  #adjust(segment: Segment): void {
    for (let n = 3; n <= 13; n += 2) {
      if (element(segment, n) === '') continue;
      const value = amountOf(segment, n + 1);
      if (value === undefined) this.#faults.push(`PLB${pad(n + 1)} is no amount`);
      const reference = component(segment, n, 2);
      this.#adjustments.push({
        position: segment.position,
        ordinal: this.#adjustments.length + 1,
        provider: element(segment, 1),
        code: component(segment, n, 1),
        ...(reference === '' ? {} : { reference }),
        amount: value ?? zero,
      });
    }
  }
}
