import type { Account, Basic, Parameters, Task } from '@medplum/fhirtypes';
import {
  applicationRecord,
  givenAt,
  povertyPercent,
  tableOn,
  type Application,
} from '../billing/collection/assistance.ts';
import { held } from '../billing/collection/hold.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { percentOf, zero } from '../datatypes/cents.ts';
import { concept } from '../datatypes/coding.ts';
import { addDays, daysBetween } from '../datatypes/date.ts';
import { referenceText, referenceTo } from '../datatypes/reference.ts';
import { createResource, find, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing, warning, type Issue } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { requester } from './approval/secondPerson.ts';
import { settingsOf } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { assistanceKey, holderOf, releaseKey, reserveKey, taskKey } from './uniqueKey.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
/** Days in which an application is decided, and after which its table may be an old one. */
const decideDays = 30;
const oldDays = 400;

/** POST [base]/Account/[id]/$apply-for-assistance: what a household says, and what the income table gives for it. */
export const accountApplyForAssistance: Operation = {
  definition: operationDefinition('Account-apply-for-assistance'),
  permission: 'collect',
  async run(call): Promise<Parameters> {
    const { context, tx, on } = call;
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const key = assistanceKey(of.name);
    const known = await holderOf(tx, key);
    if (known)
      return answer(
        [['application', known]],
        [decided('already-there', 'Basic', `Basic/${known.id} is not decided yet`)],
      );
    const { application, issues } = await readTold(call, of);
    const record = await createResource<Basic>(
      context,
      tx,
      applicationRecord(application, { patient: referenceTo(of.patient), practice: of.practice }),
    );
    const name = referenceText(record);
    await releaseKey(tx, key);
    await reserveKey(tx, key, name);
    await updateResource<Account>(
      context,
      tx,
      held(of.account, { reason: 'charity-application', start: on }),
    );
    const task = await createResource<Task>(context, tx, {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: concept(system.task, 'assistance-review'),
      description: `${name} asks for financial assistance: a second person decides`,
      focus: { reference: name },
      for: referenceTo(of.patient),
      owner: of.practice,
      authoredOn: on,
      restriction: { period: { end: addDays(on, decideDays) } },
      ...requester(call),
    });
    await reserveKey(tx, taskKey('assistance-review', name), referenceText(task));
    const text = `${name}: ${percentOf(application.given)} percent of what is open, once it is granted`;
    return answer(
      [
        ['application', record],
        ['task', task],
      ],
      [decided('created', 'Basic', text), ...issues],
    );
  },
};

/** Reads household and income, or the programme that stands for them; 422 with every fault at once. */
async function readTold(
  call: Call,
  of: PatientAccount,
): Promise<{ readonly application: Application; readonly issues: readonly Issue[] }> {
  const { tx, input, on } = call;
  const received = parameter(input, 'received')?.valueDate ?? on;
  const presumed = parameter(input, 'presumed')?.valueCode?.trim();
  if (presumed !== undefined && presumed !== '')
    return { application: { account: of.name, received, presumed, given: 10_000 }, issues: [] };
  const household = parameter(input, 'household')?.valuePositiveInt;
  const money = parameter(input, 'income')?.valueMoney;
  const income = money?.value === 0 ? zero : readAmount(money, at('income'));
  const rows = await find<Basic>(tx, 'Basic', { code: `${system.basic}|income-table` });
  const state =
    of.patient.address?.find((a) => a.state !== undefined)?.state ?? (await settingsOf(call, of)).state;
  const table = tableOn(rows, { state, day: received });
  const faults: Issue[] = [
    ...(household === undefined
      ? [missing('household-missing', at('household'), 'the persons of the household')]
      : []),
    ...(typeof income === 'number' ? [] : [income]),
    ...(table ? [] : [businessFault('no-income-table', 'Basic', `no income table holds on ${received}`)]),
  ];
  if (household === undefined || typeof income !== 'number' || !table || faults.length > 0)
    throw unprocessable(faults);
  const percent = povertyPercent(table, household, income);
  const isOld = daysBetween(table.from, received) > oldDays;
  const old = `${table.name} holds since ${table.from}: look whether there is a later one`;
  return {
    application: {
      ...{ account: of.name, received, household, income, table: table.name },
      ...{ povertyPercent: percent, given: givenAt(table, percent) },
    },
    issues: isOld ? [warning('income-table-old', 'Basic', old)] : [],
  };
}
