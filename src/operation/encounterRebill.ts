import type { Claim, Coverage, Invoice, Parameters } from '@medplum/fhirtypes';
import { orderOf, partOf } from '../billing/claim/claimPlace.ts';
import { stands } from '../billing/claim/stands.ts';
import { changed } from '../datatypes/json.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { find, resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unresolved, type Issue } from '../outcome/issue.ts';
import { isVoidClaim } from '../terminology/claimFrequency.ts';
import { captureCharges } from './charge/captureCharges.ts';
import { readVisit, type Visit } from './charge/visit.ts';
import { lifeOf, requireStep } from './claim/claimLife.ts';
import { draftClaims, type WrittenClaim } from './claim/draftClaims.ts';
import { releaseSelfPay } from './claim/releaseSelfPay.ts';
import { refuseRestricted } from './claim/restricted.ts';
import { reverseAnswer } from './claim/reverseAnswer.ts';
import { withdraw } from './claim/withdraw.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { billAgain } from './remittance/billAgain.ts';
import type { Books } from './remittance/takeBack.ts';
import { claimKey, releaseKey } from './uniqueKey.ts';

const at = "Parameters.parameter.where(name='coverage').value";

/** POST [base]/Encounter/[id]/$rebill: bills a visit to coverage that was found after a denial or after self-pay. */
export const encounterRebill: Operation = {
  definition: operationDefinition('Encounter-rebill'),
  permission: 'void',
  async run(call): Promise<Parameters> {
    const visit = await readVisit(call, call.target.id ?? '');
    const encounter = `Encounter/${visit.chart.encounter.id}`;
    const coverage = await coverageGiven(call, visit);
    await refuseRestricted(call, encounter, []);
    const captured = await captureCharges(call, visit);
    const reference = { reference: `Account/${captured.account.id}` };
    const { invoices, issues } = await withdrawDenied(call, encounter, reference.reference);
    const of = await patientAccount(call, reference, 'Encounter.account');
    const own = await releaseSelfPay(call, of, encounter);
    const free = await captureCharges(call, visit); // with their charges unbilled again
    const drafted = await draftClaims(call, free);
    const claims = drafted.claims.filter((c) => c.status === 'draft');
    const focal = (c: Claim): string | undefined => c.insurance.find((i) => i.focal)?.coverage.reference;
    if (!claims.some((c) => focal(c) === coverage)) throw notFirst(coverage, claims.map(focal));
    const cancelled = [...invoices, ...own];
    return answer(
      [
        ...claims.map((claim) => ['claim', claim] as const),
        ...cancelled.map((invoice) => ['invoice', invoice] as const),
      ],
      [
        ...issues,
        ...cancelled.map((i) =>
          decided(
            'invoice-cancelled',
            'Invoice',
            `${referenceText(i)} is cancelled, what was paid on it is credit`,
          ),
        ),
        ...drafted.issues,
      ],
    );
  },
};

/** The coverage that was found: of the patient, and active. */
async function coverageGiven({ tx, input }: Call, { patient }: Visit): Promise<string> {
  const given = parameter(input, 'coverage')?.valueReference;
  const target = parseReference(given?.reference);
  const found = target?.type === 'Coverage' ? await resolve<Coverage>(tx, 'Coverage', given) : undefined;
  const isOf = parseReference(found?.beneficiary.reference)?.id === patient.id;
  if (!target || !found || !isOf)
    throw unprocessable([
      unresolved('coverage-unknown', at, 'names no Coverage of this patient that is here'),
    ]);
  return `Coverage/${target.id}`;
}

function notFirst(coverage: string, others: readonly (string | undefined)[]): Error {
  const [other] = others;
  const text =
    other === undefined
      ? `${coverage} does not pay for this visit: see its status and period`
      : `${other} comes before ${coverage}: end it, or set the order or Account.coverage.priority`;
  return unprocessable([businessFault('coverage-not-first', at, text)]);
}

/** The claims of a visit that were denied as a whole, or never judged, count no longer; 409 where a payer has paid. */
async function withdrawDenied(
  call: Call,
  encounter: string,
  account: string,
): Promise<{ invoices: (Invoice & { id: string })[]; issues: Issue[] }> {
  const invoices: (Invoice & { id: string })[] = [];
  const issues: Issue[] = [];
  let books: Books | undefined;
  const sent = (await find<Claim>(call.tx, 'Claim', { encounter, status: 'active' })).flatMap(
    (c): WrittenClaim[] =>
      c.id !== undefined && stands(c) && !isVoidClaim(c) ? [changed(c, { id: c.id })] : [],
  );
  // a further payer's claim goes before the one it stands on
  for (const claim of sent.sort((a, b) => orderOf(b) - orderOf(a))) {
    const { state, answer: answered } = await lifeOf(call.tx, claim);
    requireStep(claim, state, 'rebill');
    if (answered?.outcome === 'complete') {
      const reversed = await reverseAnswer(call, { claim, by: 'us' });
      books = reversed.books;
      for (const reference of reversed.invoices) {
        const invoice = await resolve<Invoice>(call.tx, 'Invoice', { reference });
        if (invoice?.id !== undefined) invoices.push(changed(invoice, { id: invoice.id }));
      }
    }
    if (orderOf(claim) > 1) continue;
    await withdraw(call, { claim, account, state: 'withdrawn' });
    await releaseKey(call.tx, claimKey(encounter, 1, partOf(claim)));
    issues.push(
      decided(
        'withdrawn',
        'Claim',
        `${referenceText(claim)} counts no longer: the charges go to another payer`,
      ),
    );
  }
  // others that were asked for on the same Invoice are asked for again
  if (books) await billAgain(call, books);
  return { invoices, issues };
}
