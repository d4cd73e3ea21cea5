import type { ChargeItem, Invoice, Parameters } from '@medplum/fhirtypes';
import { selfPayLine, type OwedLine } from '../billing/invoice/owed.ts';
import { balance, groups, patientStanding } from '../billing/ledger/index.ts';
import { add, sum, zero } from '../datatypes/cents.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { decided, type Issue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { tellHeld } from './invoice/notAsked.ts';
import { billPatient } from './invoice/billPatient.ts';
import { captureCharges } from './charge/captureCharges.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { assign } from '../billing/claim/assign.ts';
import { coverOf } from './claim/cover.ts';
import { releasedCharges, reportCoverage } from './claim/coverageTasks.ts';
import { restrictedAmong } from './claim/restricted.ts';
import { linesOfVisit, payersOfVisit } from './claim/visitLines.ts';
import { isSelfPay } from './invoice/selfPay.ts';
import { holderOf, invoiceKey } from './uniqueKey.ts';
import { readVisit } from './charge/visit.ts';

/** POST [base]/Encounter/[id]/$generate-invoice: asks the patient for what no payer is asked for, from the charges. */
export const encounterGenerateInvoice: Operation = {
  definition: operationDefinition('Encounter-generate-invoice'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const visit = await readVisit(call, call.target.id ?? '');
    const captured = await captureCharges(call, visit);
    const encounter = `Encounter/${visit.chart.encounter.id}`;
    const { account } = captured;
    const { lines, inpatient } = linesOfVisit(captured);
    const cover = await coverOf(call, { ...visit, encounter: visit.chart.encounter }, account);
    const payers = payersOfVisit(cover, lines);
    const restricted = await restrictedAmong(call, [encounter, ...lines.map((l) => l.charge)]);
    const selfPay = isSelfPay(payers) || restricted.has(encounter);
    if (!selfPay && payers.faults.length > 0) throw unprocessable(payers.faults);
    const unclaimed = selfPay ? undefined : assign(lines, cover, inpatient);
    const waited = unclaimed && (await releasedCharges(call, visit, unclaimed.waiting));
    const released = waited && new Set([...waited, ...restricted]);
    const told = unclaimed ? await reportCoverage(call, visit, unclaimed) : [];
    if (released?.size === 0) {
      const text = `a Coverage is active on ${visit.day}: Encounter/[id]/$generate-claim bills its payer first`;
      return answer([], [...captured.issues, ...told, decided('coverage-active', 'Coverage', text)]);
    }
    const of = await patientAccount(call, { reference: `Account/${account.id}` }, 'Encounter.account');
    const { invoice, issues } = await bill(call, of, {
      encounter,
      cause: versionText(visit.chart.encounter),
      ...(released ? { only: released } : {}),
    });
    return answer(invoice ? [['invoice', invoice]] : [], [
      ...captured.issues,
      ...payers.issues,
      ...told,
      ...issues,
    ]);
  },
};

/** The Invoice for a visit: the one there is while nothing came since, else a new one. */
async function bill(
  call: Call,
  of: PatientAccount,
  { encounter, cause, only }: { encounter: string; cause: string; only?: ReadonlySet<string> },
): Promise<{ invoice?: Invoice; issues: readonly Issue[] }> {
  const key = invoiceKey(encounter);
  const predecessor = await holderOf(call.tx, key);
  const all = await linesOf(call, of, encounter);
  const lines = only ? all.filter((l) => l.charges.some((charge) => only.has(charge))) : all;
  const due = sum(
    lines.flatMap(({ charge = '' }) => [
      balance(of.journal, { account: 'receivable-unbilled', charge }),
      ...direct(of, encounter)
        .filter((s) => s.charge === charge)
        .map((s) => s.notInvoiced),
    ]),
  );
  if (due === 0) {
    const issue = predecessor
      ? decided('already-there', 'Invoice', `${referenceText(predecessor)} asks for it`)
      : decided(
          'nothing-owed',
          'Encounter',
          lines.length === 0 ? 'no charge goes to the patient' : 'it was paid before',
        );
    return { ...(predecessor ? { invoice: predecessor } : {}), issues: [issue] };
  }
  const held = await tellHeld(call, of);
  if (held.length > 0) return { issues: held };
  return billPatient(call, { of, lines, predecessors: predecessor ? [predecessor] : [], keys: [key], cause });
}

/** What stands or stood on the patient for the visit directly, by charge. */
const direct = (of: PatientAccount, encounter: string) =>
  patientStanding(of.journal, { encounter }).filter((s) => s.charge !== undefined && s.claim === undefined);

/** The charges of a visit that go, or went, to the patient directly, in the order they were captured. */
async function linesOf(call: Call, of: PatientAccount, encounter: string): Promise<OwedLine[]> {
  const unbilled = groups(of.journal, { account: 'receivable-unbilled', encounter }, ['charge']);
  const standing = direct(of, encounter);
  const charges = new Set([...standing, ...unbilled].flatMap((l) => l.charge ?? []));
  const lines: OwedLine[] = [];
  for (const reference of charges) {
    const charge = await resolve<ChargeItem>(call.tx, 'ChargeItem', { reference });
    if (!charge) continue;
    const open = unbilled.find((u) => u.charge === reference)?.amount ?? zero;
    const amount = add(standing.find((s) => s.charge === reference)?.share ?? zero, open);
    lines.push(selfPayLine({ reference, encounter, code: charge.code, amount }));
  }
  return lines.filter((l) => l.share !== 0);
}
