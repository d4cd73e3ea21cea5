import type { Claim, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { replaced } from '../../billing/invoice/successor.ts';
import { patientStanding } from '../../billing/ledger/index.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { isVoidClaim, priorClaimOf } from '../../terminology/claimFrequency.ts';
import { extension } from '../../terminology/system.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import type { Call } from '../operation.ts';
import { billExplained } from '../invoice/billExplained.ts';
import { explainedClaim, type Explained } from '../invoice/explainedClaim.ts';
import { patientAccount } from '../payment/patientAccount.ts';
import { takenBackReason, type Books } from './takeBack.ts';

/**
 * A claim whose Invoice was cancelled when its answer was taken back is decided again: what is owed now is invoiced,
 * what was paid before is taken up, and the cancelled Invoice names its successor.
 */
export async function billAgain(
  call: Call,
  books: Pick<Books, 'account' | 'journal' | 'claim'>,
  explanation?: ExplanationOfBenefit,
): Promise<void> {
  const { tx, context } = call;
  const cancelled: (Invoice & { id: string })[] = [];
  const names = new Set(
    books.journal
      .filter((e) => e.reason === 'invoice-cancelled')
      .flatMap((e) => e.postings)
      .flatMap((p) => (p.invoice === undefined ? [] : [p.invoice])),
  );
  for (const reference of names) {
    const invoice = await resolve<Invoice>(tx, 'Invoice', { reference });
    const id = parseReference(reference)?.id;
    if (invoice?.cancelledReason !== takenBackReason || extensionOf(invoice, extension.replacedBy)) continue;
    if (id !== undefined) cancelled.push(changed(invoice, { id }));
  }
  if (cancelled.length === 0) return;
  const claims = new Set<string>();
  for (const invoice of cancelled)
    for (const { claim } of patientStanding(books.journal, { invoice: referenceText(invoice) }))
      if (claim !== undefined) claims.add(claim);
  const gone = (await before(call, books.claim)).filter((name) => claims.delete(name));
  if (gone.length > 0 && !isVoidClaim(books.claim)) claims.add(referenceText(books.claim));
  const of = await patientAccount(call, { reference: books.account }, 'Claim');
  const explained: Explained[] = [];
  for (const claim of claims) {
    const given = explanation && claim === referenceText(books.claim) ? { explanation } : {};
    explained.push(await explainedClaim(call, of.journal, { claim, ...given }));
  }
  // while the payer owes a correction of one of them, it is left out: the others are asked for
  const ready = explained.filter((e) => e.pending === undefined);
  if (ready.length === 0) return;
  const { invoice } = await billExplained(call, of, ready);
  if (ready.length < explained.length) return;
  for (const one of cancelled)
    await updateResource(context, tx, replaced(one, invoice && referenceText(invoice)));
}

/** The claims in whose place this one stands, or that it took back: nothing is asked for with them any more. */
async function before({ tx }: Call, claim: Claim): Promise<string[]> {
  const names: string[] = [];
  let reference = priorClaimOf(claim)?.claim;
  while (reference !== undefined && !names.includes(reference)) {
    names.push(reference);
    const prior: Claim | undefined = await resolve<Claim>(tx, 'Claim', { reference });
    reference = prior && priorClaimOf(prior)?.claim;
  }
  return names;
}
