import type { Account, Basic, Coverage, Patient } from '@medplum/fhirtypes';
import { holdsOn } from '../../billing/collection/hold.ts';
import { contains } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unresolved, warning, type Issue } from '../../outcome/issue.ts';
import { requireOwnPractice } from '../closing/ownPractice.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';
import { holderOf } from '../uniqueKey.ts';
import { replacedBy } from './replacedBy.ts';
import { mergeKey } from './mergeKey.ts';

type Stored<T> = T & { id: string };

/** Two records of one patient, and the Accounts of each. */
export interface Parties {
  readonly source: Stored<Patient>;
  readonly target: Stored<Patient>;
  readonly reason: string;
  readonly accounts: {
    readonly source: readonly Stored<Account>[];
    readonly target: readonly Stored<Account>[];
  };
  /** The merge that was done before between these two. */
  readonly done: Stored<Basic> | undefined;
  readonly issues: readonly Issue[];
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** Locked by what merges a record or takes a merge back, the smaller name first. */
export async function lockPatients({ tx }: Pick<Call, 'tx'>, ...names: readonly string[]): Promise<void> {
  for (const name of [...new Set(names)].sort()) await tx.lock(`merge|${name}`);
}

/** Reads who is merged; 404 for who is not seen, 422 and 409 for what cannot be merged. */
export async function mergeParties(call: Call): Promise<Parties> {
  const { tx, input } = call;
  const names = (['source-patient', 'target-patient'] as const).map((name) => {
    const target = parseReference(parameter(input, name)?.valueReference?.reference);
    if (target?.type !== 'Patient')
      throw unprocessable([unresolved('patient-unknown', at(name), 'names no Patient that is here')]);
    return `Patient/${target.id}`;
  });
  const [from = '', to = ''] = names;
  await lockPatients(call, from, to);
  const source = await patientOf(call, from, at('source-patient'));
  const target = await patientOf(call, to, at('target-patient'));
  const reason = parameter(input, 'reason')?.valueString?.trim() ?? '';
  if (reason === '')
    throw unprocessable([missing('reason-missing', at('reason'), 'says why the two are one person')]);
  if (from === to)
    throw unprocessable([businessFault('same-patient', at('target-patient'), 'both name the same record')]);
  const done = await holderOf<Basic>(tx, mergeKey(from));
  if (done) {
    if (replacedBy(source) === to) return { ...none, source, target, reason, done };
    throw conflict(
      'patient-merged',
      `${from} was merged into ${replacedBy(source) ?? ''}`,
      at('source-patient'),
    );
  }
  for (const [one, name] of [[source, 'source-patient'] as const, [target, 'target-patient'] as const]) {
    const other = replacedBy(one);
    if (other !== undefined)
      throw conflict('patient-merged', `${referenceText(one)} was replaced by ${other}: name that`, at(name));
  }
  const accounts = { source: await accountsOf(call, from), target: await accountsOf(call, to) };
  return {
    source,
    target,
    reason,
    accounts,
    done: undefined,
    issues: [...differences(call, { source, target, accounts }), ...(await alike(call, from, to))],
  };
}

const none = { accounts: { source: [], target: [] }, issues: [] };

async function patientOf({ tx }: Call, reference: string, expression: string): Promise<Stored<Patient>> {
  const found = await resolve<Patient>(tx, 'Patient', { reference });
  if (found?.id === undefined)
    throw unprocessable([unresolved('patient-unknown', expression, 'names no Patient that is here')]);
  return changed(found, { id: found.id });
}

/** The Accounts of a patient; 403 where the books of one are not the caller's. */
async function accountsOf(call: Call, subject: string): Promise<Stored<Account>[]> {
  const found = await find<Account>(call.tx, 'Account', { subject });
  return found.flatMap((account) => {
    if (account.id === undefined || account.status === 'entered-in-error') return [];
    requireOwnPractice(call.context, parseReference(account.owner?.reference)?.id ?? '');
    return [changed(account, { id: account.id })];
  });
}

/** Coverages of both that pay at the same place in the order: a visit of the record that stays could not be billed. */
async function alike({ tx, on }: Call, from: string, to: string): Promise<Issue[]> {
  const active = async (beneficiary: string): Promise<Coverage[]> =>
    (await find<Coverage>(tx, 'Coverage', { beneficiary })).filter(
      ({ status, period }) => status === 'active' && contains(period, on),
    );
  const own = await active(from);
  const orders = new Set(own.flatMap(({ order }) => order ?? []));
  return (await active(to)).flatMap((coverage) => {
    if (coverage.order === undefined || !orders.has(coverage.order)) return [];
    const text = `${referenceText(coverage)} and one of ${from} have the same order: end the one that is there twice`;
    return [warning('coverages-alike', 'Coverage.order', text)];
  });
}

/** What the two records say otherwise, for who reviews it; 422 where one is protected and the other is not. */
function differences(
  { on }: Call,
  { source, target, accounts }: Pick<Parties, 'source' | 'target' | 'accounts'>,
): Issue[] {
  const bankrupt = (patient: Patient, own: readonly Account[]): boolean =>
    own.some((account) => holdsOn(account, patient, on).includes('bankruptcy'));
  const isOne = bankrupt(source, accounts.source) !== bankrupt(target, accounts.target);
  if (isOne && accounts.source.length > 0 && accounts.target.length > 0) {
    const text = 'one of the two is in bankruptcy and the other is not held: $hold that first';
    throw unprocessable([businessFault('holds-differ', 'Account.extension', text)]);
  }
  const elements = ['birthDate', 'gender', 'deceasedBoolean', 'deceasedDateTime'] as const;
  const facts = (patient: Patient): string =>
    JSON.stringify((patient.extension ?? []).map(({ url }) => url).sort());
  const differ: string[] = elements.filter((name) => source[name] !== target[name]);
  if (facts(source) !== facts(target)) differ.push('extension');
  return differ.map((name) =>
    warning(
      'patients-differ',
      `Patient.${name}`,
      `${name} is not the same in both records: see that the one that stays is right`,
    ),
  );
}
