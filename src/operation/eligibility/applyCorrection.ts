import type {
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Organization,
  Task,
} from '@medplum/fhirtypes';
import { corrected, correctionsOf, type Correction } from '../../billing/eligibility/corrections.ts';
import { concept, has } from '../../datatypes/coding.ts';
import { toJson } from '../../datatypes/json.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { createResource, find, parsed, resolve, updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import { requireToSee } from '../call/callerView.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';
import { isTaken, operationWroteKey } from '../uniqueKey.ts';
import { applyOrder } from './payerOrder.ts';
import { correctionIn } from './propose.ts';

type Stored = Coverage & { id: string };

const codes = ['coverage-correction', 'coverage-found', 'payer-order'] as const;
export const isCorrection = (task: Task): boolean => codes.some((code) => has(task.code, system.task, code));

const inputOf = ({ input = [] }: Task, name: string) => input.find(({ type }) => type.text === name);

/** Does what a Task proposes; answers with the Coverages that are otherwise now. */
export async function applyCorrection(call: Call, task: Task & { id: string }): Promise<Stored[]> {
  if (has(task.code, system.task, 'payer-order')) return applyOrder(call, task);
  const answer = await answerOf(call, task);
  if (has(task.code, system.task, 'coverage-found')) return [await enterFound(call, task, answer)];
  const coverage = await unchanged(call, task);
  const correction = correctionIn(task);
  const request = await resolve<CoverageEligibilityRequest>(
    call.tx,
    'CoverageEligibilityRequest',
    answer.request,
  );
  const day = request?.servicedDate ?? request?.servicedPeriod?.start ?? answer.created;
  const said = correctionsOf(coverage, answer, day);
  if (!correction || !said.some((one) => toJson(one) === toJson(correction)))
    throw unprocessable([
      businessFault(
        'proposal-differs',
        'Task.input',
        'the Task proposes something else than the payer answered',
      ),
    ]);
  return correction.kind === 'other-payer'
    ? enterOther(call, coverage, correction)
    : [await updateResource(call.context, call.tx, corrected(coverage, correction))];
}

/** The answer that a proposal is of; what no operation wrote is no answer of a payer. */
async function answerOf({ tx }: Call, task: Task): Promise<CoverageEligibilityResponse> {
  const [name, version] = (inputOf(task, 'answer')?.valueReference?.reference ?? '').split('/_history/');
  const target = parseReference(name);
  const isOurs =
    target?.type === 'CoverageEligibilityResponse' && (await isTaken(tx, operationWroteKey(name ?? '')));
  const stored = isOurs ? await tx.vread(target.type, target.id, Number(version)) : undefined;
  if (!stored || stored.deleted)
    throw unprocessable([
      businessFault('proposal-differs', 'Task.input', 'the answer that the Task names is not here'),
    ]);
  return parsed<CoverageEligibilityResponse>(stored);
}

/** The Coverage as it was when the correction was proposed; 409 where it was changed since. */
async function unchanged({ tx, view }: Call, task: Task): Promise<Stored> {
  const [name = '', version] = (inputOf(task, 'coverage')?.valueReference?.reference ?? '').split(
    '/_history/',
  );
  await requireToSee(view, [name]);
  const target = parseReference(name);
  const stored = target?.type === 'Coverage' ? await tx.read('Coverage', target.id) : undefined;
  const isSame = stored?.deleted === false && stored.version === Number(version);
  if (!target || !stored || !isSame || task.focus?.reference !== name) {
    const text = 'the Coverage was changed since this was proposed: ask the payer anew, or change it by hand';
    throw conflict('coverage-changed', text, 'Task.input');
  }
  return changed(parsed<Coverage>(stored), { id: target.id });
}

/** The active Coverages of a patient; 409 where one is what would be entered: of this payer, and not apart from it. */
async function ownOf(
  { tx }: Call,
  { beneficiary, payer }: { readonly beneficiary: string; readonly payer: string },
  isApart: (one: Coverage) => boolean = () => false,
): Promise<Coverage[]> {
  const all = await find<Coverage>(tx, 'Coverage', { beneficiary });
  const own = all.filter(({ status }) => status === 'active');
  const isOfPayer = ({ payor }: Coverage) => payor.some(({ reference }) => reference === payer);
  if (own.some((one) => isOfPayer(one) && !isApart(one)))
    throw conflict('coverage-changed', 'the patient has a Coverage of this payer by now', 'Task');
  return own;
}

const lastOf = (own: readonly Coverage[]): number => Math.max(0, ...own.map(({ order = 1 }) => order));

/** A further payer gets a Coverage of its own; one that pays first moves the other one back. */
async function enterOther(
  call: Call,
  coverage: Stored,
  { payerId, order }: Extract<Correction, { kind: 'other-payer' }>,
): Promise<Stored[]> {
  const { context, tx } = call;
  const member = parameter(call.input, 'member')?.valueString?.trim() ?? '';
  const found =
    payerId === ''
      ? []
      : await find<Organization>(tx, 'Organization', { identifier: `${system.payerId}|${payerId}` });
  const [payer, ...others] = found;
  const faults = [
    ...(payer && others.length === 0
      ? []
      : [
          businessFault(
            'payer-unknown',
            'Task.input',
            'the other payer is no Organization here: enter it first',
          ),
        ]),
    ...(member === ''
      ? [
          businessFault(
            'member-missing',
            'Parameters.parameter',
            'ask the patient for the member number, and give it as member',
          ),
        ]
      : []),
  ];
  if (!payer || faults.length > 0) throw unprocessable(faults);
  // a second Coverage of the payer that was asked is one of its own where it has another number: that of a spouse
  const own = await ownOf(
    call,
    { beneficiary: coverage.beneficiary.reference ?? '', payer: referenceText(payer) },
    ({ id, subscriberId }) => id === coverage.id && subscriberId !== member,
  );
  const place = coverage.order ?? 1;
  const isFirst = order === 'primary';
  const made = await createResource<Coverage>(context, tx, {
    ...({ resourceType: 'Coverage', status: 'active', order: isFirst ? place : lastOf(own) + 1 } as const),
    ...{ subscriberId: member, subscriber: coverage.beneficiary, beneficiary: coverage.beneficiary },
    relationship: concept(system.subscriberRelationship, 'self'),
    payor: [{ reference: referenceText(payer) }],
  });
  if (!isFirst) return [made];
  return [made, await updateResource(context, tx, changed(coverage, { order: place + 1 }))];
}

/** The coverage that a payer has found; 409 where the patient has one of this payer by now. */
async function enterFound(call: Call, task: Task, answer: CoverageEligibilityResponse): Promise<Stored> {
  const { context, tx, view } = call;
  const patient = task.focus?.reference ?? '';
  await requireToSee(view, [patient]);
  const member = inputOf(task, 'member')?.valueString ?? '';
  const payer = answer.insurer.reference ?? '';
  const isSaid = (answer.insurance ?? []).some(({ coverage }) => coverage.identifier?.value === member);
  if (!isSaid || answer.patient.reference !== patient)
    throw unprocessable([
      businessFault(
        'proposal-differs',
        'Task.input',
        'the Task proposes something else than the payer answered',
      ),
    ]);
  const own = await ownOf(call, { beneficiary: patient, payer });
  const items = (answer.insurance ?? []).flatMap(({ item = [] }) => item);
  const plan = items.find(({ name }) => name !== undefined)?.name;
  const period = answer.insurance?.find(({ benefitPeriod }) => benefitPeriod)?.benefitPeriod;
  return createResource<Coverage>(context, tx, {
    ...({
      resourceType: 'Coverage',
      status: 'active',
      order: lastOf(own) + 1,
      subscriberId: member,
    } as const),
    ...{
      subscriber: { reference: patient },
      beneficiary: { reference: patient },
      payor: [{ reference: payer }],
    },
    relationship: concept(system.subscriberRelationship, 'self'),
    ...(period ? { period } : {}),
    ...(plan === undefined ? {} : { class: [{ type: concept(system.coverageClass, 'plan'), value: plan }] }),
  });
}
