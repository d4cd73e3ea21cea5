import type { Coverage, Encounter, QuestionnaireResponse, Task, TaskInput } from '@medplum/fhirtypes';
import { payerOrderOf, payerQuestionnaire } from '../../billing/eligibility/payerOrder.ts';
import { contains, dateInZone, dateOf } from '../../datatypes/date.ts';
import { changed, toJson } from '../../datatypes/json.ts';
import { idOf, parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { find, parsed, resolve, updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { isMedicaid, isMedicare } from '../../terminology/coverageType.ts';
import { system } from '../../terminology/system.ts';
import { requireToSee } from '../call/callerView.ts';
import type { Call } from '../operation.ts';
import { practiceOf } from '../worklist/practiceOf.ts';
import { propose } from './propose.ts';

type Stored = Coverage & { id: string };

/** What the answers at an admission say of the order of payers, where that is not the order of the Coverages. */
interface Finding {
  readonly text: string;
  readonly input: readonly TaskInput[];
  readonly first?: Stored;
  readonly second?: Stored;
  readonly reason?: string; // SBR05, where Medicare pays second
}

/** A questionnaire that was answered at an admission is judged: what the order of payers should be is proposed. */
export const payerOrderHook: WriteHook = {
  types: ['QuestionnaireResponse'],
  run: (context, tx, { after }) => {
    if (after?.resourceType !== 'QuestionnaireResponse' || !isOfAdmission(after))
      return Promise.resolve(undefined);
    return Promise.resolve(async (written) => {
      const on = dateInZone(context.now(), context.timeZone);
      const answered = changed(parsed<QuestionnaireResponse>(written), { id: written.id });
      const found = await findingOf(tx, answered, on);
      if (!found) return;
      const encounter = answered.encounter?.reference;
      const practice = await practiceOf(tx, { focus: encounter ?? '', encounter });
      await propose(
        { context, tx, on },
        {
          ...{
            code: 'payer-order',
            focus: `QuestionnaireResponse/${answered.id}`,
            detail: '',
            text: found.text,
          },
          ...{ patient: answered.subject?.reference, practice: practice?.reference, input: found.input },
        },
      );
    });
  },
};

const isOfAdmission = ({ questionnaire, status, encounter, subject }: QuestionnaireResponse): boolean =>
  questionnaire?.split('|')[0] === payerQuestionnaire &&
  (status === 'completed' || status === 'amended') &&
  idOf(encounter, 'Encounter') !== undefined &&
  idOf(subject, 'Patient') !== undefined;

const named = (name: string, value: Omit<TaskInput, 'type'>): TaskInput =>
  changed({ type: { text: name } }, value);

async function findingOf(
  reader: Reader,
  answered: QuestionnaireResponse & { id: string },
  today: string,
): Promise<Finding | undefined> {
  const visit = await resolve<Encounter>(reader, 'Encounter', answered.encounter);
  const on = dateOf(visit?.period?.start ?? today);
  const beneficiary = `Patient/${idOf(answered.subject, 'Patient') ?? ''}`;
  const active = (await find<Coverage>(reader, 'Coverage', { beneficiary }))
    .filter(
      (one): one is Stored => one.id !== undefined && one.status === 'active' && contains(one.period, on),
    )
    .sort((a, b) => (a.order ?? 99) - (b.order ?? 99));
  const medicare = active.find(isMedicare);
  if (!medicare) return undefined;
  const other = active.find((one) => one !== medicare && !isMedicaid(one));
  const order = payerOrderOf(answered);
  const answer = named('answer', { valueReference: { reference: versionText(answered) } });
  const isFirst = other === undefined || active.indexOf(medicare) < active.indexOf(other);
  if (order.is === 'unclear')
    return {
      text: 'the answers do not say whether another payer pays before Medicare: ask the patient',
      input: [answer],
    };
  if (order.is === 'primary') {
    if (isFirst) return undefined;
    const text =
      'by the answers Medicare pays first: Task/[id]/$apply-correction changes the order of the Coverages';
    return { text, first: medicare, second: other, input: [answer, ...placesOf(medicare, other)] };
  }
  const { reason } = order;
  const why = named('reason', { valueCode: reason });
  if (!other)
    return { text: 'another payer pays before Medicare: enter its Coverage', reason, input: [answer, why] };
  const isCoded = medicare.type?.coding?.some(
    (c) => c.system === system.x12InsuranceType && c.code === reason,
  );
  if (!isFirst && isCoded === true) return undefined;
  const text =
    'another payer pays before Medicare: Task/[id]/$apply-correction changes the order of the Coverages';
  return { text, reason, first: other, second: medicare, input: [answer, why, ...placesOf(other, medicare)] };
}

const placesOf = (first: Coverage, second: Coverage): TaskInput[] => [
  named('first', { valueReference: { reference: versionText(first) } }),
  named('second', { valueReference: { reference: versionText(second) } }),
];

/** Puts the Coverages in the order that the answers at an admission give; 409 where anything was changed since. */
export async function applyOrder(call: Call, task: Task): Promise<Stored[]> {
  const { context, tx, view, on } = call;
  const target = parseReference(task.focus?.reference);
  const stored =
    target?.type === 'QuestionnaireResponse' ? await tx.read('QuestionnaireResponse', target.id) : undefined;
  const found =
    target && stored && !stored.deleted
      ? await findingOf(tx, changed(parsed<QuestionnaireResponse>(stored), { id: target.id }), on)
      : undefined;
  if (!found || toJson(found.input) !== toJson(task.input ?? []))
    throw conflict(
      'coverage-changed',
      'the answers or the Coverages were changed since this was proposed',
      'Task.input',
    );
  const { first, second, reason } = found;
  if (!first || !second)
    throw unprocessable([
      businessFault('coverage-missing', 'Task.input', 'there is no Coverage to be put first: enter it'),
    ]);
  await requireToSee(view, [referenceText(first), referenceText(second)]);
  const coded = (second.type?.coding ?? []).filter((c) => c.system !== system.x12InsuranceType);
  const type =
    reason === undefined
      ? {}
      : {
          type: changed(second.type ?? {}, {
            coding: [...coded, { system: system.x12InsuranceType, code: reason }],
          }),
        };
  return [
    await updateResource(context, tx, changed(first, { order: 1 })),
    await updateResource(context, tx, changed(second, { order: 2, ...type })),
  ];
}
