import type { Coverage, Task, TaskInput } from '@medplum/fhirtypes';
import { correctionsOf, memberOf, type Correction } from '../../billing/eligibility/corrections.ts';
import { resultOf } from '../../billing/eligibility/result.ts';
import { concept } from '../../datatypes/coding.ts';
import { changed, toJson } from '../../datatypes/json.ts';
import { parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource, updateResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import type { Request } from './asking.ts';
import type { Response } from './recordEligibility.ts';

/** What is proposed to be changed: of a Coverage that is there, or as a new one of a patient. */
export interface Proposal {
  readonly code: 'coverage-correction' | 'coverage-found' | 'payer-order';
  readonly focus: string; // Coverage/1, or Patient/1
  readonly detail: string;
  readonly of?: string; // with all of these, what makes it one proposal: of other payers each is one
  readonly text: string;
  readonly patient: string | undefined;
  readonly practice: string | undefined;
  readonly input: readonly TaskInput[];
}

const named = (name: string, value: Omit<TaskInput, 'type'>): TaskInput =>
  changed({ type: { text: name } }, value);

const texts: Readonly<Record<Correction['kind'], string>> = {
  member: 'the payer has another member number than the Coverage',
  plan: 'the payer has another plan than the Coverage',
  ended: 'the payer says that the Coverage has ended',
  'other-payer': 'the payer says that somebody else pays too',
};

interface Answered {
  readonly request: Request;
  readonly response: Response;
  readonly coverage: (Coverage & { id: string }) | undefined;
}

/** Proposes what an answer says otherwise than the Coverage, and a coverage that was found: each is a Task. */
export async function proposeCorrections(call: Call, answered: Answered): Promise<void> {
  const { request, response, coverage } = answered;
  const organization = parseReference(request.provider?.reference);
  const practice = organization?.type === 'Organization' ? `Organization/${organization.id}` : undefined;
  const patient = request.patient.reference?.startsWith('#') === true ? undefined : request.patient.reference;
  if (!coverage) {
    if (request.purpose.includes('discovery') && patient !== undefined)
      await proposeFound(call, answered, { patient, practice });
    return;
  }
  const day = request.servicedDate ?? request.servicedPeriod?.start ?? request.created;
  for (const correction of correctionsOf(coverage, response, day))
    await propose(call, {
      ...{ code: 'coverage-correction', focus: referenceText(coverage), detail: correction.kind },
      ...(correction.kind === 'other-payer' ? { of: correction.payerId } : {}),
      text: `${texts[correction.kind]}: Task/[id]/$apply-correction takes over what is proposed`,
      ...{ patient, practice },
      input: [
        named('kind', { valueCode: correction.kind }),
        named('coverage', { valueReference: { reference: versionText(coverage) } }),
        named('answer', { valueReference: { reference: versionText(response) } }),
        ...valuesOf(correction),
      ],
    });
}

function valuesOf(correction: Correction): TaskInput[] {
  switch (correction.kind) {
    case 'member':
      return [named('member', { valueString: correction.member })];
    case 'plan':
      return [named('plan', { valueString: correction.plan })];
    case 'ended':
      return [named('end', { valueDate: correction.end })];
    case 'other-payer':
      return [
        ...(correction.name === '' ? [] : [named('name', { valueString: correction.name })]),
        ...(correction.payerId === '' ? [] : [named('payerId', { valueString: correction.payerId })]),
        ...(correction.order === '' ? [] : [named('order', { valueCode: correction.order })]),
      ];
  }
}

/** The correction as a Task has it; undefined where it proposes none. */
export function correctionIn({ input = [] }: Task): Correction | undefined {
  const of = (name: string): TaskInput | undefined => input.find(({ type }) => type.text === name);
  const text = (name: string): string => of(name)?.valueString ?? of(name)?.valueCode ?? '';
  switch (text('kind')) {
    case 'member':
      return { kind: 'member', member: text('member') };
    case 'plan':
      return { kind: 'plan', plan: text('plan') };
    case 'ended':
      return { kind: 'ended', end: of('end')?.valueDate ?? '' };
    case 'other-payer':
      return { kind: 'other-payer', name: text('name'), payerId: text('payerId'), order: text('order') };
    default:
      return undefined;
  }
}

/** A coverage that a payer found for a patient who had none: a proposal, and nothing else. */
async function proposeFound(
  call: Call,
  { request, response }: Answered,
  { patient, practice }: { readonly patient: string; readonly practice: string | undefined },
): Promise<void> {
  const member = memberOf(response);
  if (resultOf(response) !== 'active' || member === '') return;
  const items = (response.insurance ?? []).flatMap(({ item = [] }) => item);
  const plan = items.find(({ name }) => name !== undefined)?.name;
  const period = response.insurance?.find(({ benefitPeriod }) => benefitPeriod)?.benefitPeriod;
  await propose(call, {
    ...{ code: 'coverage-found', focus: patient, detail: request.insurer.reference ?? '' },
    text: 'a payer knows the patient, who has no coverage here: ask them, and $apply-correction enters it',
    ...{ patient, practice },
    input: [
      named('kind', { valueCode: 'found' }),
      named('payer', { valueReference: { reference: request.insurer.reference ?? '' } }),
      named('answer', { valueReference: { reference: versionText(response) } }),
      named('member', { valueString: member }),
      ...(plan === undefined ? [] : [named('plan', { valueString: plan })]),
      ...(period ? [named('period', { valuePeriod: period })] : []),
    ],
  });
}

/** Puts a proposal on the list. What was proposed before and is open gets the new content; a refused one stays so. */
export async function propose(
  { context, tx, on }: Pick<Call, 'context' | 'tx' | 'on'>,
  proposal: Proposal,
): Promise<void> {
  const { code, focus, detail, of = '', text, patient, practice, input } = proposal;
  const key = taskKey(code, focus, of === '' ? detail : `${detail} ${of}`);
  const known = await holderOf(tx, key);
  if (known) {
    const isSame = toJson(plainOf(known.input)) === toJson(plainOf(input));
    if (known.status === 'completed' ? isSame : known.status !== 'requested') return;
    if (known.status === 'requested' && toJson(known.input) === toJson(input)) return;
    await updateResource<Task>(
      context,
      tx,
      changed(known, { status: 'requested', description: text, input: [...input] }),
    );
    return;
  }
  const { id } = await createResource<Task>(context, tx, {
    ...({ resourceType: 'Task', status: 'requested', intent: 'proposal' } as const),
    ...{ code: concept(system.task, code), description: text, focus: { reference: focus } },
    ...(patient === undefined ? {} : { for: { reference: patient } }),
    ...(practice === undefined ? {} : { owner: { reference: practice } }),
    authoredOn: on,
    ...(detail === '' ? {} : { reasonCode: { text: detail } }),
    input: [...input],
  });
  await reserveKey(tx, key, `Task/${id}`);
}

/** What is proposed, without the versions it was found with. */
const plainOf = (input: readonly TaskInput[] = []): readonly TaskInput[] =>
  input.filter(({ type }) => type.text !== 'coverage' && type.text !== 'answer');
