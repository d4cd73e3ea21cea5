import type { Cents } from '../../datatypes/cents.ts';
import type { HopStatus } from '../../datatypes/hop.ts';
import { loopsOf, segmentOf, segmentsOf, type Loop } from '../../x12/loop.ts';
import { component, element, type Segment } from '../../x12/segment.ts';
import { amountOf, dateOfText } from './claim837/value.ts';

/** One status of a composite C043: category, status and entity, or a code of another list. */
export interface StatusCode {
  readonly category: string;
  readonly code: string;
  readonly entity: string;
  readonly list: string; // RX of NCPDP, LOI of LOINC; '' is the list of status codes
}

/** An STC. What X212 says of money (STC05 and following) is absent in the other guides. */
export interface Status {
  readonly codes: readonly StatusCode[]; // STC01, STC10, STC11
  readonly on?: string;
  readonly action: string; // WQ, U
  readonly paid?: Cents;
  readonly paidOn?: string;
  readonly paymentNumber?: string; // of the check or transfer
  readonly message: string;
  readonly position: number;
}

/** What a 277 says of one claim: 005010X214 (277CA), X212 (answer to a 276), X213 (request for information). */
export interface ClaimStatus {
  readonly trace: string; // TRN02: CLM01 in X214, the trace of the 276 in X212, the payer's claim number in X213
  readonly control: string; // REF*EJ: CLM01; '' where it is not said
  readonly payerNumber: string; // REF*1K
  readonly statuses: readonly Status[];
  readonly dueOn?: string; // DTP*106
  readonly lines: readonly { readonly number: string; readonly statuses: readonly Status[] }[];
}

/** Every claim that a level of a subscriber or patient is about, those of its dependents too. */
export const claimsOfLevel = (level: Loop): ClaimStatus[] =>
  [level, ...loopsOf(level, '2000E')].flatMap((one) =>
    one.loops.filter(({ id }) => id.startsWith('2200')).map(claimStatus),
  );

/** A loop 2200 of whatever level. */
export function claimStatus(loop: Loop): ClaimStatus {
  const said = (id: string, n: number, qualifier?: string): string => {
    const found = segmentOf(loop, id, qualifier);
    return found ? element(found, n) : '';
  };
  const dueOn = dateOfText(said('DTP', 3, '106'));
  return {
    trace: said('TRN', 2),
    control: said('REF', 2, 'EJ'),
    payerNumber: said('REF', 2, '1K'),
    statuses: segmentsOf(loop, 'STC').map(statusOf),
    ...(dueOn === undefined ? {} : { dueOn }),
    lines: loop.loops
      .filter(({ id }) => id.startsWith('2220'))
      .map((line) => {
        const number = segmentOf(line, 'REF', 'FJ');
        return {
          number: number ? element(number, 2) : '',
          statuses: segmentsOf(line, 'STC').map(statusOf),
        };
      }),
  };
}

function statusOf(stc: Segment): Status {
  const codes = [1, 10, 11].flatMap((n): StatusCode[] => {
    const [category, code, entity, list] = [1, 2, 3, 4].map((m) => component(stc, n, m));
    return category === undefined || category === ''
      ? []
      : [{ category, code: code ?? '', entity: entity ?? '', list: list ?? '' }];
  });
  const [on, paidOn] = [dateOfText(element(stc, 2)), dateOfText(element(stc, 8))];
  const paid = amountOf(element(stc, 5));
  const paymentNumber = element(stc, 9);
  return {
    codes,
    ...(on === undefined ? {} : { on }),
    action: element(stc, 3),
    ...(paid === undefined ? {} : { paid }),
    ...(paidOn === undefined ? {} : { paidOn }),
    ...(paymentNumber === '' ? {} : { paymentNumber }),
    message: element(stc, 12),
    position: stc.position,
  };
}

const rejecting: readonly string[] = ['A3', 'A6', 'A7', 'A8'];
const accepting: readonly string[] = ['A2', 'A5'];
const receiving: readonly string[] = ['A0', 'A1'];

/** Category codes: A3, A6, A7 and A8 reject, A2 accepts, A1 and A0 say that it was received or passed on. */
export function statusOfAcknowledgement(statuses: readonly Status[]): HopStatus | undefined {
  const categories = statuses.flatMap(({ codes }) => codes.map(({ category }) => category));
  if (categories.some((c) => rejecting.includes(c)) || statuses.some(({ action }) => action === 'U'))
    return 'rejected';
  if (categories.some((c) => accepting.includes(c))) return 'accepted';
  return categories.some((c) => receiving.includes(c)) ? 'acknowledged' : undefined;
}

/** The answer to an inquiry: P and F say that the payer has it, A as in an acknowledgement. */
export function statusOfInquiry(statuses: readonly Status[]): HopStatus | undefined {
  const categories = statuses.flatMap(({ codes }) => codes[0]?.category ?? []);
  return categories.some((c) => /^[PF]\d/.test(c)) ? 'accepted' : statusOfAcknowledgement(statuses);
}

/** Category, status and entity of each STC: A7:562:85, A3:21. */
export const codesText = (statuses: readonly Status[]): string =>
  statuses.flatMap(({ codes: [first] }) => (first ? [codeText(first)] : [])).join(', ');

const codeText = ({ category, code, entity }: StatusCode): string =>
  [category, code, entity].join(':').replace(/:+$/, '');
