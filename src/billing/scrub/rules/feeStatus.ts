import { isMedicare } from '../../../terminology/coverageType.ts';
import { linesWithFees } from '../fees.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** A service billed to Medicare is one that its fee schedule pays by itself. */
export const feeStatus: ScrubRule = {
  id: 'fee-status',
  source: 'billing rule 49; Medicare physician fee schedule, status code, as the practice loaded it',
  carc: '96',
  cure: 'Choose the code that Medicare takes, or tell the patient beforehand (ABN) and bill the patient.',
  severity: 'warning',
  check: (claim) =>
    claim.focal?.coverage === undefined || !isMedicare(claim.focal.coverage)
      ? []
      : linesWithFees(claim).flatMap(({ line, fees }) => {
          const text = told[fees.status];
          return text === undefined ? [] : [fault(`${line.at}.productOrService`, text)];
        }),
};

const told: Readonly<Record<string, string>> = {
  B: 'Medicare pays this service within others only',
  I: 'Medicare takes another code for this service',
  N: 'Medicare does not cover this service',
  P: 'Medicare pays this service within others only',
};
