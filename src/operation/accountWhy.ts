import type { Parameters } from '@medplum/fhirtypes';
import { entrySteps } from '../billing/why/entry.ts';
import { figureSteps, isFigure } from '../billing/why/standing.ts';
import { below, type Step } from '../billing/why/step.ts';
import type { Entry } from '../datatypes/entry.ts';
import { isDate } from '../datatypes/date.ts';
import { badRequest, notFound } from '../outcome/fhirError.ts';
import { operationDefinition } from './definition.ts';
import { selfPayCharges } from './invoice/selfPay.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { seenJournal } from './payment/seenJournal.ts';
import { answerWhy } from './why/answerWhy.ts';
import { chargeOriginSteps } from './why/chargeOrigin.ts';

/**
 * GET [base]/Account/[id]/$why: why a `figure` of $balance is what it is at the end of a day, by what it stands on and
 * the entries that put it there; or what one `entry` of its journal says.
 */
export const accountWhy: Operation = {
  definition: operationDefinition('Account-why'),
  async run(call): Promise<Parameters> {
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const journal = await seenJournal(call, of.journal);
    const id = parameter(call.input, 'entry')?.valueString;
    if (id !== undefined) return answerWhy(call, await entryWhy(call, journal, id));
    const asOf = parameter(call.input, 'asOf')?.valueDate ?? call.on;
    if (!isDate(asOf)) throw badRequest('malformed-value', 'asOf must be a full date', place('asOf'));
    const name = parameter(call.input, 'figure')?.valueCode ?? 'patient';
    if (!isFigure(name)) {
      const text = 'figure is one of insurance, patient, invoiced and unapplied';
      throw badRequest('malformed-value', text, place('figure'));
    }
    const selfPay = await selfPayCharges(call, { ...of, journal }, asOf);
    return answerWhy(call, figureSteps(journal, { name, account: of.name, asOf, selfPay }));
  },
};

const place = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** An entry, and each charge that it is about back to the note. */
async function entryWhy(call: Call, journal: readonly Entry[], id: string): Promise<Step[]> {
  const entry = journal.find((e) => e.id === id);
  if (!entry) throw notFound('the entry');
  const charges = new Set(entry.postings.flatMap((p) => p.charge ?? []));
  const steps = entrySteps(entry);
  for (const charge of charges) steps.push(...below(1, await chargeOriginSteps(call.tx, charge)));
  return steps;
}
