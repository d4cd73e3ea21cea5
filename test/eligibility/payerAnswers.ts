import { inquirySet } from '../../src/billing/eligibility/inquiry270.ts';
import { holdingsIn } from '../../src/command/payer.ts';
import type { CoverageEligibilityRequest, Resource } from '@medplum/fhirtypes';
import { openBooks, type Books } from '../../src/payer/x12/books.ts';
import { takeIn } from '../../src/payer/x12/takeIn.ts';
import { faultsOf, readTransactions } from '../../src/x12/read.ts';
import { writeInterchange } from '../../src/x12/write.ts';

export const { houses, members } = holdingsIn();
export const opened = (): Books => openBooks({ houses, members });

let last = 0;

/** An interchange with the 270 of a request. */
export function asked(request: CoverageEligibilityRequest, resources: readonly Resource[]): string {
  const known = new Map(resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
  const trace = request.identifier?.[0]?.value ?? '';
  const { set } = inquirySet({ request, known, trace }, { on: '2026-06-05', time: '1200' });
  last += 1;
  return writeInterchange(
    {
      ...{ senderQualifier: 'ZZ', sender: 'ALDER', receiverQualifier: 'ZZ', receiver: 'ACMECH' },
      ...{ date: '20260605', time: '1200', controlNumber: last, usage: 'T' },
    },
    [
      {
        ...{ functionalGroup: 'HS', sender: 'ALDER', receiver: 'ACMECH', controlNumber: last },
        ...{ version: '005010X279A1', date: '20260605', time: '1200' },
        sets: [{ controlNumber: '0001', set: '270', convention: '005010X279A1', content: set }],
      },
    ],
  );
}

let received = 0;

/** The same interchange under a number that none had before: another file. */
export function numbered(text: string): string {
  received += 1;
  const number = String(received).padStart(9, '0');
  return `${text.slice(0, 90)}${number}${text.slice(99)}`.replace(/(~IEA\*\d+\*)\d+~/, `$1${number}~`);
}

/** What the simulated payers answer to an interchange, the acknowledgement apart. */
export function answered(books: Books, text: string, set: '271' | '278'): string {
  const desk = { houses, clock: { on: '2026-06-05', time: '1300' }, daysToPay: 0 };
  const files = takeIn(books, desk, Buffer.from(text));
  const answer = files.find((file) => file.text.includes(`~ST*${set}*`))?.text ?? '';
  const faults = faultsOf(readTransactions(answer)).filter(({ refuses }) => refuses);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return answer;
}
