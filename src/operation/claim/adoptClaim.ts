import type { Claim, ClaimItem, Patient } from '@medplum/fhirtypes';
import { claimedCharge } from '../../billing/charge/claimedCharge.ts';
import { chargeCaptured } from '../../billing/ledger/index.ts';
import { centsOf, zero } from '../../datatypes/cents.ts';
import { dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, resolve } from '../../interaction/repository.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { accountOf } from '../charge/account.ts';
import { chargeKey, reserveKey } from '../uniqueKey.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/**
 * A claim that others made, with lines but without charges of ours: each line is captured as a charge of the patient's
 * Account, so that its money stands in the ledger like any other. One that cannot be adopted is left as it is.
 */
export async function adoptClaim(call: Call, claim: Stored<Claim>): Promise<Stored<Claim>> {
  const { item: items = [], provider } = claim;
  const ours = items.some((i) => extensionOf(i, extension.chargeItem));
  const later = claim.insurance.some((i) => i.claimResponse);
  const priced = items.length > 0 && items.every((i) => centsOf(i.net) !== undefined);
  const patient = await resolve<Patient>(call.tx, 'Patient', claim.patient);
  const practice = provider.reference;
  if (
    ours ||
    later ||
    !priced ||
    patient?.id === undefined ||
    parseReference(practice)?.type !== 'Organization'
  ) {
    return claim;
  }
  const visit = {
    chart: { encounter: {} },
    patient: changed(patient, { id: patient.id }),
    practice: practice ?? '',
    day: dateOf(claim.billablePeriod?.start ?? claim.created),
  };
  const account = `Account/${(await accountOf(call, visit, [])).id}`;
  const item: ClaimItem[] = [];
  for (const line of items) item.push(await capture(call, claim, { line, account }));
  const named = { url: extension.account, valueReference: { reference: account } };
  return changed(claim, {
    extension: [...(claim.extension ?? []).filter((e) => e.url !== named.url), named],
    item,
  });
}

async function capture(
  call: Call,
  claim: Claim,
  { line, account }: { line: ClaimItem; account: string },
): Promise<ClaimItem> {
  const { context, tx, on } = call;
  const charge = await createResource(context, tx, claimedCharge(claim, line, account));
  const name = `ChargeItem/${charge.id}`;
  await post(
    call,
    chargeCaptured({
      id: context.newId(),
      on,
      account,
      cause: versionText(charge),
      charge: name,
      encounter: charge.context?.reference,
      amount: centsOf(charge.priceOverride) ?? zero,
    }),
  );
  await reserveKey(tx, chargeKey(charge), name);
  return changed(line, {
    extension: [
      ...(line.extension ?? []),
      { url: extension.chargeItem, valueReference: { reference: name } },
    ],
  });
}
