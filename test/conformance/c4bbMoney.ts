import type { CodeableConcept, ExplanationOfBenefit, Money } from '@medplum/fhirtypes';
import { system } from '../../src/terminology/system.ts';

/** An amount with its category: a total, or an adjudication of a line or the header. */
interface Amount {
  readonly category?: CodeableConcept | undefined;
  readonly amount?: Money | undefined;
}

type Sums = ReadonlyMap<string, number>; // category → whole cents

const systems: readonly (string | undefined)[] = [system.adjudication, system.c4bbAdjudication];

const centsOf = (money: Money): number => Math.round((money.value ?? 0) * 100);

function sums(amounts: readonly Amount[]): Map<string, number> {
  const made = new Map<string, number>();
  for (const { category, amount } of amounts) {
    const code = category?.coding?.find((c) => systems.includes(c.system))?.code;
    if (code !== undefined && amount) made.set(code, (made.get(code) ?? 0) + centsOf(amount));
  }
  return made;
}

const dollars = (amount: number): string => (amount / 100).toFixed(2);

/** The formulas between the amounts of one line, of the header or of the totals. */
function formulas(where: string, of: Sums): string[] {
  const get = (code: string): number => of.get(code) ?? 0;
  const faults: string[] = [];
  const equal = (left: string, ...right: readonly string[]): void => {
    const sum = right.reduce((a, code) => a + get(code), 0);
    if (get(left) !== sum)
      faults.push(`${where}: ${left} ${dollars(get(left))} is not ${right.join(' + ')} = ${dollars(sum)}`);
  };
  equal('submitted', 'eligible', 'discount', 'noncovered');
  equal(
    'eligible',
    'paidtoprovider',
    'paidtopatient',
    'priorpayerpaid',
    'deductible',
    'coinsurance',
    'copay',
  );
  const sign = get('submitted') < 0 ? -1 : 1; // a reversal has every sign turned
  const refused = (get('memberliability') - get('deductible') - get('coinsurance') - get('copay')) * sign;
  if (refused < 0 || refused > get('noncovered') * sign)
    faults.push(`${where}: memberliability is not deductible + coinsurance + copay + noncovered of group PR`);
  return faults;
}

function doubled(where: string, amounts: readonly Amount[]): string[] {
  const codes = amounts.flatMap((a) => a.category?.coding?.filter((c) => systems.includes(c.system)) ?? []);
  const seen = codes.map((c) => c.code ?? '');
  return [...new Set(seen)]
    .filter((c) => seen.indexOf(c) !== seen.lastIndexOf(c))
    .map((c) => `${where}: ${c} stands twice`);
}

/** What is wrong with the amounts of an explanation: totals, lines, header, and each against the other. */
export function moneyFaults(eob: ExplanationOfBenefit): string[] {
  const totals = sums(eob.total ?? []);
  const lines = (eob.item ?? []).map((i) => i.adjudication ?? []);
  const detail = lines.some((l) => sums(l).size > 0) ? lines.flat() : (eob.adjudication ?? []);
  const faults = [...doubled('total', eob.total ?? []), ...formulas('total', totals)];
  for (const code of ['submitted', 'eligible', 'paidtoprovider', 'memberliability'])
    if (!totals.has(code)) faults.push(`total: ${code} is missing`);
  for (const [i, line] of lines.entries())
    if (sums(line).size > 0)
      faults.push(...doubled(`line ${i + 1}`, line), ...formulas(`line ${i + 1}`, sums(line)));
  const below = sums(detail);
  for (const code of new Set([...below.keys(), ...totals.keys()])) {
    if (code.startsWith('paidbypatient')) continue; // may be known for the claim only
    if ((below.get(code) ?? 0) !== (totals.get(code) ?? 0))
      faults.push(
        `total: ${code} ${dollars(totals.get(code) ?? 0)} is not the sum of its parts ${dollars(below.get(code) ?? 0)}`,
      );
  }
  const net = (eob.item ?? []).flatMap((i) => (i.net ? [centsOf(i.net)] : []));
  if (net.length > 0 && net.reduce((a, b) => a + b, 0) !== totals.get('submitted'))
    faults.push('total: submitted is not the sum of item.net');
  for (const { currency } of [...(eob.total ?? []), ...detail].flatMap((a) => a.amount ?? []))
    if (currency !== undefined && currency !== 'USD') faults.push(`amount: ${currency} is not USD`);
  if (
    eob.payment?.amount &&
    centsOf(eob.payment.amount) !== (totals.get('paidtoprovider') ?? 0) + (totals.get('paidtopatient') ?? 0)
  )
    faults.push('payment.amount: is not what was paid to provider and patient');
  return faults;
}
