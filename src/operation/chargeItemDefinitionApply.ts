import type { Account, ChargeItem, ChargeItemDefinition, Coverage, Encounter } from '@medplum/fhirtypes';
import { pricedCharge, withLine } from '../billing/charge/chargeItem.ts';
import { dayIn } from '../billing/charge/night.ts';
import { price } from '../billing/charge/price.ts';
import { ownPrice, withOwnPrice } from '../billing/charge/ownPrice.ts';
import { priceLine, type PriceLine } from '../billing/charge/priceList.ts';
import { codingOf } from '../datatypes/coding.ts';
import { changed } from '../datatypes/json.ts';
import { readResource, resolve, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, unresolved, wrongValue, type Issue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { benefitOf, payingFor } from '../terminology/coverageType.ts';
import { zoneAt, zoneOfVisit } from './call/practiceZone.ts';
import { parameter } from './parameters.ts';
import { postAgain, type WrittenCharge } from './charge/postCharge.ts';

/**
 * POST [base]/ChargeItemDefinition/[id]/$apply: prices one ChargeItem by one line of the charge master.
 * See https://hl7.org/fhir/R4/chargeitemdefinition-operation-apply.html
 */
export const chargeItemDefinitionApply: Operation = {
  definition: operationDefinition('ChargeItemDefinition-apply'),
  permission: 'capture',
  async run(call) {
    const { tx, target, input, context } = call;
    const id = target.id ?? '';
    const definition = await readResource<ChargeItemDefinition>(tx, 'ChargeItemDefinition', id);
    const asked = parameter(input, 'chargeItem')?.valueReference;
    const item = await resolve<ChargeItem>(tx, 'ChargeItem', asked);
    if (item?.id === undefined) {
      const at = "Parameters.parameter.where(name='chargeItem').value";
      throw unprocessable([unresolved('charge-unknown', at, 'names no ChargeItem that is here')]);
    }
    const charge: WrittenCharge = changed(item, { id: item.id });
    if (charge.status === 'billed') {
      throw conflict(
        'charge-billed',
        `ChargeItem/${charge.id} is billed: its price stays`,
        'ChargeItem.status',
      );
    }
    const line = lineOf(definition, charge);
    const faults = [
      ...faultsOf(definition, charge, line, { today: call.on, zone: await zoneOf(call, charge) }),
      ...(line?.faults ?? []),
      ...(line?.unclear ?? []),
    ];
    const unpriced = line ? withLine(charge, line) : charge;
    const own = ownPrice(charge);
    faults.push(...own.faults);
    if (faults.length === 0 && own.amount !== undefined) {
      const kept = await updateResource(context, tx, changed(withOwnPrice(unpriced), { id: charge.id }));
      await postAgain(call, kept);
      return kept;
    }
    const priced =
      line && faults.length === 0
        ? price(line, charge.quantity?.value ?? 1, () => unpriced, await payerOf(call, charge))
        : undefined;
    if (priced && 'why' in priced)
      faults.push(businessFault('no-price', 'ChargeItemDefinition.propertyGroup', priced.text));
    if (faults.length > 0 || !line || !priced || 'why' in priced) throw unprocessable(faults);
    const written = await updateResource(
      context,
      tx,
      changed(pricedCharge(unpriced, priced), { id: charge.id }),
    );
    await postAgain(call, written);
    return written;
  },
};

/** The line as the charge's own code reads it. */
function lineOf(definition: ChargeItemDefinition, charge: ChargeItem): PriceLine | undefined {
  for (const { system, code } of definition.code?.coding ?? []) {
    if (system === undefined || code === undefined) continue;
    if (codingOf(charge.code, system)?.code === code) return priceLine(definition, system, code);
  }
  return undefined;
}

function faultsOf(
  definition: ChargeItemDefinition,
  charge: ChargeItem,
  line: PriceLine | undefined,
  { today, zone }: { readonly today: string; readonly zone: string },
): Issue[] {
  const on = dayIn(zone, charge.occurrenceDateTime ?? charge.occurrencePeriod?.start ?? today);
  const { value = 1 } = charge.quantity ?? {};
  return [
    ...(line ? [] : [businessFault('code-mismatch', 'ChargeItem.code', 'is not the code of the definition')]),
    ...(definition.status === 'active'
      ? []
      : [businessFault('definition-not-active', 'ChargeItemDefinition.status', `is ${definition.status}`)]),
    ...((line?.from ?? on) <= on && on <= (line?.until ?? on)
      ? []
      : [
          businessFault(
            'definition-not-effective',
            'ChargeItemDefinition.effectivePeriod',
            `does not hold ${on}`,
          ),
        ]),
    ...(value > 0
      ? []
      : [wrongValue('quantity-not-positive', 'ChargeItem.quantity.value', 'must be above zero')]),
  ];
}

/** The time zone of the visit that a charge is of, else of who performed it. */
async function zoneOf({ context, tx }: Call, charge: ChargeItem): Promise<string> {
  const visit = await resolve<Encounter>(tx, 'Encounter', charge.context);
  const organization = charge.performingOrganization;
  const found = visit
    ? await zoneOfVisit(context, tx, visit)
    : await zoneAt(context, tx, { locations: [], organization });
  return found.zone;
}

/** The payer a price may depend on: the first Coverage of the account given, else of the charge's own. */
async function payerOf({ tx, input }: Call, charge: ChargeItem): Promise<string | undefined> {
  const asked = parameter(input, 'account')?.valueReference ?? charge.account?.[0];
  const account = await resolve<Account>(tx, 'Account', asked);
  const named = [...(account?.coverage ?? [])].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  const coverages: Coverage[] = [];
  for (const { coverage: pointer } of named) {
    const coverage = await resolve<Coverage>(tx, 'Coverage', pointer);
    if (coverage) coverages.push(coverage);
  }
  const benefit = benefitOf(charge.code.coding?.[0]?.system);
  return payingFor(coverages, benefit, (coverage) => coverage)[0]?.payor[0]?.reference;
}
