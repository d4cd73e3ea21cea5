import type { Claim } from '@medplum/fhirtypes';
import type { AdviceProviderAdjustment } from '../../billing/remittance/advice.ts';
import { accountOf } from '../../billing/remittance/providerAdjustment.ts';
import { balance, providerAdjusted } from '../../billing/ledger/index.ts';
import { toText } from '../../datatypes/cents.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { extension } from '../../terminology/system.ts';
import { isTaken, providerAdjustedKey, remittanceKey, reserveKey, holderOf } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import type { Desk } from './desk.ts';
import { claimOfNumber } from './matchClaim.ts';
import { post } from '../closing/post.ts';

/**
 * Posts a provider-level adjustment from (or to) the deposit. It never holds a remittance: what nobody can place is
 * posted as the table says and gets a Task. One that names a claim stands in the books of the claim. Billing rule 63.
 */
export async function postAdjustment(desk: Desk, adjustment: AdviceProviderAdjustment): Promise<void> {
  const { call, advice, payer, reconciliation } = desk;
  const { context, tx } = call;
  const key = providerAdjustedKey(payer, advice.trace, adjustment.ordinal);
  if (await isTaken(tx, key)) return;
  const name = referenceText(reconciliation);
  await reserveKey(tx, key, name);
  const row = rowOf(desk, adjustment);
  const { reference, amount, code } = adjustment;
  const claim =
    row.of === 'claim' && reference !== undefined ? await claimOfNumber(tx, reference, desk) : undefined;
  const account = (claim && extensionOf(claim, extension.account)?.valueReference?.reference) ?? name;
  if (amount !== 0)
    await post(
      call,
      providerAdjusted({
        ...{ id: context.newId(), on: call.on, account, cause: versionText(reconciliation), amount },
        ...{ remittance: name, to: row.account, text: row.text, reference },
        payer: reconciliation.paymentIssuer?.reference,
        claim: claim && referenceText(claim),
      }),
    );
  const text = await whyLookAt(desk, adjustment, { claim, account });
  if (text === undefined) return;
  await raiseTask(call, {
    ...{ code: 'provider-adjustment', focus: name, detail: adjustment.ordinal.toString() },
    text: `${code} ${toText(amount)}${reference === undefined ? '' : ` for ${reference}`}: ${text}`,
    patient: claim?.patient.reference?.split('/_history/')[0],
  });
}

/** What becomes of an adjustment of a remittance, by the table of the practice. */
export const rowOf = (
  { accounts, reconciliation }: Pick<Desk, 'accounts' | 'reconciliation'>,
  adjustment: AdviceProviderAdjustment,
): ReturnType<typeof accountOf> => accountOf(adjustment, reconciliation.paymentIssuer?.reference, accounts);

async function whyLookAt(
  desk: Desk,
  adjustment: AdviceProviderAdjustment,
  { claim, account }: { readonly claim: Claim | undefined; readonly account: string },
): Promise<string | undefined> {
  const { call, payer } = desk;
  const { code, reference, amount } = adjustment;
  const row = rowOf(desk, adjustment);
  if (amount === 0) return undefined;
  if (row.isUnclassified) return 'what it is for has to be said';
  if (row.of === 'claim' && !claim) return 'it names no claim that is here';
  if (row.of === 'trace' && amount > 0) {
    const origin =
      reference === undefined ? undefined : await holderOf(call.tx, remittanceKey(payer, reference));
    return origin ? undefined : 'the remittance that it was carried over from is not here';
  }
  if (code === 'WO' && claim && amount > 0) {
    const taken = balance(await call.tx.journal(account), {
      account: 'payer-recoupment',
      claim: referenceText(claim),
    });
    if (taken > 0) return `${toText(taken)} was taken back and no answer to the claim was`;
  }
  return undefined;
}
