import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { gapKinds } from '../billing/charge/gap.ts';
import { daysBetween } from '../datatypes/date.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { decided, toOutcome } from '../outcome/issue.ts';
import type { Reader } from '../store/store.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import { wholeOf } from './denial/whole.ts';
import { missingCode } from './followUp/chargesWork.ts';
import { gapText } from './followUp/gapText.ts';
import { listGaps, type GapRow } from './followUp/listGaps.ts';
import { settingsOfPractice } from './followUp/settings.ts';
import type { Call, Operation } from './operation.ts';
import { dayOf, parameter, parameters } from './parameters.ts';
import { holderOf, taskKey } from './uniqueKey.ts';

const pageMax = 200;
const pageUsually = 50;

/**
 * GET [base]/Organization/[id]/$missing-charges: kept visits without charges, notes without a signature, claims on hold
 * and charges that are not billed, of the visits that its caller sees.
 */
export const organizationMissingCharges: Operation = {
  definition: operationDefinition('Organization-missing-charges'),
  permission: 'capture',
  async run(call): Promise<Parameters> {
    const { context, tx, view, target, input } = call;
    const id = target.id ?? '';
    requireOwnPractice(context, id);
    await readResource(tx, 'Organization', id);
    const practice = `Organization/${id}`;
    const reader = view ?? tx;
    const { rows, next } = await listGaps(
      context,
      { reader, server: tx },
      {
        ...{ practice, start: day(call, 'start'), end: day(call, 'end'), today: call.on },
        provider: parameter(input, 'provider')?.valueReference?.reference,
        kinds: kindsOf(call),
        settings: await settingsOfPractice(tx, practice),
        count: wholeOf(call, 'count', { least: 1, most: pageMax }) ?? pageUsually,
        after: parameter(input, 'after')?.valueString,
      },
    );
    const gaps: ParametersParameter[] = [];
    for (const row of rows) {
      const part = await partsOf({ reader, server: tx }, row, call.on);
      if (part) gaps.push({ name: 'gap', part });
    }
    const told = `${gaps.length.toString()} gaps${next === undefined ? '' : ', and there may be more'}`;
    return {
      resourceType: 'Parameters',
      parameter: [
        ...gaps,
        ...(next === undefined ? [] : [{ name: 'next', valueString: next }]),
        { name: 'outcome', resource: toOutcome([decided('missing-charges', 'Encounter', told)]) },
      ],
    };
  },
};

function day({ input }: Call, name: 'start' | 'end'): string {
  const given = dayOf(input, name);
  if (given !== undefined) return given;
  throw badRequest('missing-parameter', `parameter ${name} is missing`, 'Parameters.parameter');
}

function kindsOf({ input }: Call): readonly string[] {
  const asked = parameters(input, 'kind').map(({ valueCode }) => valueCode ?? '');
  if (asked.every((one) => gapKinds.some((kind) => kind === one))) return asked;
  const at = "Parameters.parameter.where(name='kind').value";
  throw badRequest('malformed-value', `kind is one of ${gapKinds.join(', ')}`, at);
}

/** The parts of a gap; undefined where a person has said that nothing is missing (its Task is cancelled). */
async function partsOf(
  { reader, server }: { readonly reader: Reader; readonly server: Reader },
  { kind, since, of, name, patient, day }: GapRow,
  today: string,
): Promise<ParametersParameter[] | undefined> {
  const task = await holderOf(server, taskKey(missingCode, name, kind));
  if (task?.status === 'cancelled') return undefined;
  const isSeen = task && (await reader.read('Task', task.id)) !== undefined;
  const who = of.resourceType === 'Encounter' ? of.participant?.map((p) => p.individual) : undefined;
  const people = who ?? (of.resourceType === 'Appointment' ? of.participant.map((p) => p.actor) : []);
  const provider = people.find((one) => one?.reference?.startsWith('Practitioner'));
  return [
    { name: 'kind', valueCode: kind },
    { name: 'text', valueString: gapText[kind] },
    { name: 'day', valueDate: day },
    { name: 'since', valueDate: since },
    { name: 'age', valueInteger: daysBetween(since, today) },
    { name: 'of', valueReference: { reference: name } },
    { name: 'patient', valueReference: { reference: patient } },
    ...(provider ? [{ name: 'provider', valueReference: { reference: provider.reference ?? '' } }] : []),
    ...(task && isSeen ? [{ name: 'task', valueReference: { reference: referenceText(task) } }] : []),
  ];
}
