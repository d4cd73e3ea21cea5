import type { Organization, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { sum, toText } from '../datatypes/cents.ts';
import { referenceText } from '../datatypes/reference.ts';
import { resolve } from '../interaction/repository.ts';
import { conflict, FhirError, unprocessable } from '../outcome/fhirError.ts';
import { decided, toOutcome, unresolved, type Issue } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { requireToSee } from './call/callerView.ts';
import { operationDefinition } from './definition.ts';
import { loadParts, lookAtParts } from './opening/loadParts.ts';
import {
  beginOpening,
  less,
  more,
  nothing,
  openingOf,
  requireSameHead,
  requireTotals,
  sameTotals,
  saveOpening,
  type Opening,
} from './opening/openingRecord.ts';
import { Faults, readHead, readItems, readWithdrawals } from './opening/readOpening.ts';
import { countsIn, sides, type OpeningHead, type Totals } from './opening/toLoad.ts';
import { withdrawPart } from './opening/withdrawPart.ts';
import type { Call, Operation } from './operation.ts';
import { openingKey } from './uniqueKey.ts';

/**
 * POST [base]/$load-opening: what a practice's former system had open, in as many calls as it takes. Each call is one
 * transaction; the last closes it, and its parts add up to the reports of the former system. See docs/decision/0046
 */
export const systemLoadOpening: Operation = {
  definition: operationDefinition('load-opening'),
  permission: 'load-opening',
  async run(call): Promise<Parameters> {
    const { tx, today, input } = call;
    const faults = new Faults();
    const head = readHead(input, today, faults);
    const items = readItems(input, head.date, faults);
    const withdrawals = readWithdrawals(input, faults);
    const { issues } = faults;
    if (head.practice !== '' && !(await practiceOf(call, head))) {
      const at = "Parameters.parameter.where(name='practice').value";
      issues.push(unresolved('practice-unknown', at, 'names no Organization that is here'));
    }
    await tx.lock(openingKey(head.practice, head.source).text);
    const known = await openingOf(call, head);
    if (known) await requireToSee(call.view, [referenceText(known.record)]);
    if (known && issues.length === 0) requireSameHead(known, head);
    const isClosed = known?.closed !== undefined;
    if (withdrawals.length > 0 && isClosed) throw closed(head);
    let off: Totals = nothing;
    if (known && issues.length === 0)
      for (const one of withdrawals) off = more(off, await withdrawPart(call, head, one));
    const looked = await lookAtParts(call, head, items);
    const wrong = [...issues, ...looked.flatMap((l) => l.faults)];
    const conflicts = looked.flatMap((l) => l.conflicts);
    if (wrong.length > 0) throw unprocessable([...wrong, ...conflicts]);
    if (conflicts.length > 0) throw new FhirError(409, conflicts);
    if (!known || !sameTotals(known.control, head.control)) {
      const waiting = await askSecondPerson(call, head);
      if (waiting) return seen(call, waiting);
    }
    let opening: Opening = known ? { ...known, control: head.control } : await beginOpening(call, head);
    for (const side of sides) opening = { ...opening, loaded: less(opening.loaded, [side, off[side]]) };
    const fresh = looked.filter((l) => l.known === undefined);
    for (const { item } of fresh) opening = { ...opening, loaded: more(opening.loaded, countsIn(item)) };
    // a claim that nothing is open of changes no sum: its payer may still take back what it paid
    if (isClosed && fresh.some(({ item }) => countsIn(item)[1] !== 0)) throw closed(head);
    requireTotals(opening.loaded, head.control, head.close || isClosed);
    const loaded = await loadParts(call, head, { looked, record: `Basic/${opening.record.id}` });
    if (head.close && !isClosed) opening = { ...opening, closed: call.context.now() };
    const changes = fresh.length + withdrawals.length > 0 || opening.closed !== known?.closed;
    if (!known || changes || !sameTotals(known.control, head.control))
      opening = await saveOpening(call, opening);
    return seen(call, answerOf(opening, loaded, withdrawals.length));
  },
};

/** 403, and nothing is written, where the caller does not see all that the call makes: it is of another practice. */
async function seen({ view }: Call, answer: Parameters): Promise<Parameters> {
  const made = (answer.parameter ?? []).flatMap((p) => [
    ...(p.resource?.id === undefined ? [] : [referenceText(p.resource)]),
    ...(p.part ?? []).flatMap((part) => part.valueReference?.reference ?? []),
  ]);
  await requireToSee(view, made);
  return answer;
}

const practiceOf = ({ tx }: Call, { practice }: OpeningHead): Promise<Organization | undefined> =>
  resolve<Organization>(tx, 'Organization', { reference: practice });

const closed = ({ source }: OpeningHead): Error =>
  conflict(
    'opening-closed',
    `the opening from ${source} is closed: nothing that is open is added or taken off`,
  );

/** Above the limit of one person the sums of the reports are confirmed by a second one, before anything is loaded. */
const askSecondPerson = (call: Call, head: OpeningHead): Promise<Parameters | undefined> => {
  const total = sum(sides.map((side) => head.control[side]));
  const ofHead = ['practice', 'date', 'source', 'insuranceTotal', 'patientTotal', 'creditTotal', 'restate'];
  const parameter = (call.input.parameter ?? []).filter(({ name }) => ofHead.includes(name));
  return secondPerson(call, {
    operation: 'load-opening',
    atStake: total,
    amount: total,
    practice: { reference: head.practice },
    focus: head.practice,
    input: { resourceType: 'Parameters', parameter },
  });
};

function answerOf(
  { record, control, loaded, closed: when }: Opening,
  parts: readonly { readonly reference: string; readonly target: string; readonly isNew: boolean }[],
  withdrawn: number,
): Parameters {
  const fresh = parts.filter((p) => p.isNew).length;
  const figures = sides
    .map((side) => `${side} ${toText(loaded[side])} of ${toText(control[side])}`)
    .join(', ');
  const issues: Issue[] = [
    decided(
      'opening-loaded',
      undefined,
      `${fresh} parts are loaded, ${parts.length - fresh} were there already`,
    ),
    ...(withdrawn === 0
      ? []
      : [decided('opening-withdrawn', undefined, `${withdrawn} parts are taken off again`)]),
    decided(when === undefined ? 'opening-underway' : 'opening-closed', undefined, figures),
  ];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'record', resource: record },
      ...parts.map(({ reference, target }): ParametersParameter => ({
        name: 'loaded',
        part: [
          { name: 'reference', valueString: reference },
          { name: 'target', valueReference: { reference: target } },
        ],
      })),
      { name: 'outcome', resource: toOutcome(issues) },
    ],
  };
}
