import type { ChargeItem } from '@medplum/fhirtypes';
import { sourceOf, stands } from '../../billing/charge/difference.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { pricedCharge, withLine } from '../../billing/charge/chargeItem.ts';
import { billedUnits, linesFor, price } from '../../billing/charge/price.ts';
import type { PriceList } from '../../billing/charge/priceList.ts';
import { centsOf } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { updateResource } from '../../interaction/repository.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { isPosted, postCharge, type WrittenCharge } from './postCharge.ts';
import { raiseTask } from '../worklist/task.ts';

/** Charges that an EHR or a clerk entered itself (no source of ours): priced where they have no price, posted once. */
export async function adoptCharges(
  call: Call,
  of: {
    readonly before: readonly WrittenCharge[];
    readonly account: string;
    readonly encounter: string;
    readonly list: PriceList;
    readonly zone: string;
    readonly issues: Issue[];
  },
): Promise<{ charge: WrittenCharge }[]> {
  const adopted: { charge: WrittenCharge }[] = [];
  for (const charge of of.before.filter((c) => sourceOf(c) === undefined && stands(c))) {
    if (await isPosted(call, charge)) adopted.push({ charge });
    else {
      const priced = await pricedOf(call, charge, of);
      if (!priced) continue;
      await postCharge(call, priced, of);
      of.issues.push(
        decided('charge-adopted', 'ChargeItem', `ChargeItem/${charge.id} was entered by others`),
      );
      adopted.push({ charge: priced });
    }
  }
  return adopted;
}

async function pricedOf(
  call: Call,
  charge: WrittenCharge,
  of: {
    readonly account: string;
    readonly encounter: string;
    readonly list: PriceList;
    readonly zone: string;
    readonly issues: Issue[];
  },
): Promise<WrittenCharge | undefined> {
  const account = [{ reference: `Account/${of.account}` }];
  if (centsOf(charge.priceOverride) !== undefined) {
    return updateResource(call.context, call.tx, changed(charge, { account }));
  }
  const priced = charge.priceOverride ? undefined : byChargeMaster(charge, { ...of, on: call.on });
  if (priced) return updateResource(call.context, call.tx, changed(priced, { id: charge.id, account }));
  const focus = `ChargeItem/${charge.id}`;
  const text = `${focus} has no price in whole cents of USD and the charge master gives none`;
  of.issues.push(warning('no-price', 'ChargeItem.priceOverride', text));
  const patient = charge.subject.reference ?? '';
  await raiseTask(call, {
    code: 'coding',
    focus,
    detail: 'no-price',
    text,
    patient,
    encounter: of.encounter,
  });
  return undefined;
}

function byChargeMaster(
  charge: WrittenCharge,
  { list, zone, on: today }: { readonly list: PriceList; readonly zone: string; readonly on: string },
): ChargeItem | undefined {
  const on = dayIn(zone, charge.occurrenceDateTime ?? charge.occurrencePeriod?.start ?? today);
  for (const { system, code } of charge.code.coding ?? []) {
    if (system === undefined || code === undefined) continue;
    for (const line of linesFor(list, { system, code }, on)) {
      if (line.faults.length > 0 || line.unclear.length > 0) return undefined;
      const units = billedUnits(line, charge.quantity?.value ?? 1, undefined);
      const unpriced = withLine(charge, line);
      const priced = units === undefined ? undefined : price(line, units, () => unpriced);
      if (priced && !('why' in priced)) return pricedCharge(unpriced, priced);
    }
  }
  return undefined;
}
