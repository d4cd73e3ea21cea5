import type { Adjusted } from '../../datatypes/adjudication.ts';
import { negate, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Decided } from '../decided.ts';
import type { Claim837, ClaimLine, Person } from './claim837.ts';

/** A line of a CLP. */
export interface RemittedLine {
  readonly line: ClaimLine;
  readonly charge: Cents;
  readonly paid: Cents;
  readonly allowed: Cents;
  readonly adjustments: readonly Adjusted[];
  readonly remarks: readonly string[];
}

/** What an 835 says of one claim: a CLP with all that belongs to it. */
export interface Remitted {
  readonly number: string; // CLP01
  readonly status: string; // CLP02
  readonly charge: Cents;
  readonly paid: Cents;
  readonly filing: string;
  readonly icn: string; // CLP07
  readonly facility: string;
  readonly frequency: string;
  readonly drg?: string;
  readonly isStay: boolean;
  readonly patient: Person;
  readonly member: string;
  readonly from: string;
  readonly through: string;
  readonly receivedOn: string;
  readonly adjustments: readonly Adjusted[]; // of the claim as a whole
  readonly remarks: readonly string[]; // of the claim as a whole
  readonly lines: readonly RemittedLine[];
  readonly interest?: Cents;
}

/** Filing indicators that an 835 takes (CLP06); ZZ says that it is another one. */
const filings = /^(?:1[2-7]|AM|CH|DS|HM|LM|MA|MB|MC|OF|TV|VA|WC|ZZ)$/;

/** A claim as it was decided. */
export function remittedOf(
  claim: Claim837,
  decisions: readonly Decided[],
  { icn, receivedOn }: { readonly icn: string; readonly receivedOn: string },
): Remitted {
  const { number, filing, facility, frequency, patient, member, received } = claim;
  const whole = decisions.find((d) => d.sequence === undefined);
  const isDenied = decisions.length > 0 && decisions.every((d) => d.charge === 0 || d.allowed === 0);
  return {
    ...{ number, icn, facility, patient, member, receivedOn },
    status: isDenied ? '4' : String(claim.rank),
    frequency: frequency === '' ? '1' : frequency,
    filing: filings.test(filing) ? filing : filing === 'CI' || filing === 'BL' ? '12' : 'ZZ',
    charge: received.charge,
    paid: sum(decisions.map((d) => d.paid)),
    ...(received.drg === undefined ? {} : { drg: received.drg }),
    ...{ isStay: received.inpatient, from: received.from, through: received.through },
    adjustments: whole?.adjustments ?? [],
    remarks: whole?.remarks ?? [],
    lines: decisions.flatMap((d): RemittedLine[] => {
      const line = claim.lines.find((l) => l.sequence === d.sequence);
      const { charge, paid, allowed, adjustments, remarks } = d;
      return line ? [{ line, charge, paid, allowed, adjustments, remarks }] : [];
    }),
  };
}

const turned = (list: readonly Adjusted[]): Adjusted[] =>
  list.map((a) => ({ ...a, amount: negate(a.amount) }));

/** The same with every sign turned: what was said is taken back (CLP02 22). Billing rule 62. */
export function reversalOf({ interest: _interest, ...of }: Remitted): Remitted {
  return {
    ...of,
    status: '22',
    charge: negate(of.charge),
    paid: negate(of.paid),
    adjustments: turned(of.adjustments),
    lines: of.lines.map((l) => ({
      ...l,
      charge: negate(l.charge),
      paid: negate(l.paid),
      allowed: negate(l.allowed),
      adjustments: turned(l.adjustments),
    })),
  };
}

/** CLP05: what is left to the patient; nothing is said of it where a claim is taken back. */
export const patientShare = ({ status, adjustments, lines }: Remitted): Cents =>
  status === '22'
    ? zero
    : sum(
        [...adjustments, ...lines.flatMap((l) => l.adjustments)]
          .filter((a) => a.group === 'PR')
          .map((a) => a.amount),
      );
