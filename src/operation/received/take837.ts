import { formOfGuide, readClaim } from '../../billing/submission/claim837/readClaim.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue, warning, type Issue } from '../../outcome/issue.ts';
import { loopsOf, segmentOf } from '../../x12/loop.ts';
import type { Unit } from '../../x12/part.ts';
import { element } from '../../x12/segment.ts';
import type { OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { laterCall } from '../submission/laterCall.ts';
import type { Handled, ReceivedSet, SetHandler } from '../x12/handler.ts';
import { tell } from '../x12/tell.ts';
import { keepClaim, type Kept, type ReadClaim } from './keepClaim.ts';

/** As an extension x12-position names a file. */
const hashLength = 12;

/** Claims of a set that people are told of one by one; of more than that the answer says how many there are. */
const mostTold = 50;

/**
 * Takes up an 837 that came in: claims to a payer that we act for, or history of a practice that is here. Each claim is
 * kept in a transaction of its own; what cannot be kept is told to a person, and the others go on.
 */
export const take837: SetHandler = async (context, set): Promise<Handled> => {
  const made: string[] = [];
  const counts = { made: 0, 'already-there': 0, nobody: 0, failed: 0 };
  for await (const part of set.parts()) {
    if (part.kind !== 'unit') continue;
    const read = claimOf(context, set, part);
    if (!read) continue;
    const kept = await keep(context, read);
    counts[kept.is] += 1;
    if (kept.is === 'made') made.push(kept.claim, ...kept.parties);
    if (kept.is === 'failed' && counts.failed <= mostTold)
      await context.store.transaction((tx) =>
        tell(context, tx, {
          binary: set.interchange,
          detail: `claim ${read.position}`,
          text: `a claim that came in cannot be kept (${kept.codes}): see the segment that its position names`,
        }),
      );
  }
  if (counts.nobody > 0)
    await context.store.transaction((tx) =>
      tell(context, tx, {
        binary: set.interchange,
        detail: `set ${set.position}`,
        text: `${counts.nobody} claims that came in name neither a practice nor a payer that is here: find out why they came`,
      }),
    );
  return { made, issues: issuesOf(counts) };
};

const issuesOf = (counts: Readonly<Record<Kept['is'] | 'failed', number>>): Issue[] => {
  const told = (code: string, count: number, text: string): Issue[] =>
    count === 0 ? [] : [warning(code, 'Binary', `${count} ${text}`)];
  return [
    ...told('already-there', counts['already-there'], 'claims of the 837 are here already'),
    ...told('claim-unknown', counts.nobody, 'claims of the 837 are of nobody here: a Task says so'),
    ...told('claim-not-kept', counts.failed, 'claims of the 837 could not be kept: Tasks say which'),
  ];
};

/** The claim of a unit, with the segments of its CLM and of each LX. */
function claimOf(context: OperationContext, set: ReceivedSet, unit: Unit): ReadClaim | undefined {
  const form = formOfGuide(unit.guide.id);
  const clm = segmentOf(unit.loop, 'CLM');
  if (!form || !clm) return undefined;
  const claim = readClaim(unit, form);
  const today = dateInZone(context.now(), context.timeZone);
  const place = (position: number): string =>
    `${set.sha256.slice(0, hashLength)}|${element(set.st, 2)}|${position}`;
  return {
    claim: claim.created === '' ? changed(claim, { created: today }) : claim,
    position: place(clm.position),
    lines: loopsOf(unit.loop, '2400').map((line) => place(segmentOf(line, 'LX')?.position ?? clm.position)),
  };
}

type Done = Kept | { readonly is: 'failed'; readonly codes: string };

async function keep(context: OperationContext, read: ReadClaim): Promise<Done> {
  try {
    return await context.store.transaction((tx) =>
      traced(context, tx, { activity: 'claims that came in', byServer: true }, () =>
        keepClaim(laterCall(context, tx, dateInZone(context.now(), context.timeZone)), read),
      ),
    );
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { is: 'failed', codes: [...new Set(error.issue.map(codeOfIssue))].join(', ') };
  }
}
