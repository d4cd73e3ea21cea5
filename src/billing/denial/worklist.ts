import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { adjudicated, type Adjusted } from '../../datatypes/adjudication.ts';
import { concept } from '../../datatypes/coding.ts';
import { addDays } from '../../datatypes/date.ts';
import { referenceTo } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';
import { system } from '../../terminology/system.ts';
import { nextStep } from './nextStep.ts';

/** A Task to make once: what makes it one piece of work on the claim, and the Task without id. */
export interface Work {
  readonly code: string;
  readonly detail: string;
  readonly task: Task;
}

/** Days to appeal: the shortest of the usual limits (Medicare redetermination). Billing rule 56. */
const appeal_days = 120;
/** Coverage was not in force: look for another payer before the patient is asked. */
const noCoverage = new Set(['26', '27', '31']);

const work = (
  { claim, response }: Answered,
  { code, detail = '' }: { code: string; detail?: string },
  rest: Pick<Task, 'description' | 'reasonCode' | 'restriction'>,
): Work => ({
  code,
  detail,
  task: changed(rest, {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, code),
    focus: referenceTo(claim),
    for: claim.patient,
    owner: claim.provider,
    authoredOn: response.created,
    reasonReference: referenceTo(response),
  } as const),
});

/** A claim and its answer. */
export interface Answered {
  readonly claim: Claim;
  readonly response: ClaimResponse;
  readonly followed?: boolean; // a further payer's claim was drafted
}

/** What an answer leaves to do: get a document, work a denial (one Task a reason), look for other coverage where none follows. */
export function worklist(answered: Answered): Work[] {
  const { response, followed = false } = answered;
  if (response.outcome === 'queued') return requested(answered);
  const lines = adjudicated(response);
  const reasons = (which: (a: Adjusted) => boolean): Map<string, number[]> => {
    const found = new Map<string, number[]>();
    for (const { sequence = 0, adjustments } of lines) {
      for (const a of adjustments.filter((x) => x.amount !== 0 && which(x))) {
        found.set(a.reason, [...(found.get(a.reason) ?? []), sequence]);
      }
    }
    return found;
  };
  const denials = [...reasons(isDenial)].map(([carc, sequences]) =>
    work(
      answered,
      { code: 'denial', detail: carc },
      {
        description: `Denied with CARC ${carc}${onLines(sequences)}: ${nextStep(carc)}`,
        reasonCode: concept(system.carc, carc),
        restriction: { period: { end: addDays(response.created, appeal_days) } },
      },
    ),
  );
  const uncovered = [...reasons((a) => a.group === 'PR' && noCoverage.has(a.reason))];
  const [carc] = uncovered[0] ?? [];
  if (carc === undefined || followed) return denials;
  const description =
    'The payer says that coverage was not in force: look for other coverage before the first statement';
  return [
    ...denials,
    work(answered, { code: 'find-coverage' }, { description, reasonCode: concept(system.carc, carc) }),
  ];
}

const isDenial = ({ group, reason }: Adjusted): boolean =>
  group !== 'PR' && !contractualReasons.has(reason) && !(group === 'OA' && reason === '23');

const onLines = (sequences: readonly number[]): string =>
  sequences.includes(0) ? '' : ` on line${sequences.length > 1 ? 's' : ''} ${sequences.join(', ')}`;

/** What a queued answer asks for; nothing when nobody answers. */
function requested(answered: Answered): Work[] {
  const [note] = answered.response.processNote?.filter((n) => n.type === 'print') ?? [];
  if (note === undefined) return [];
  const description = `${note.text}. Attach it to the Claim, complete this Task and submit the Claim again`;
  return [work(answered, { code: 'information-requested' }, { description })];
}
