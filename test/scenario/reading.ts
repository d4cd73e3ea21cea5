import type {
  ChargeItem,
  Claim,
  ClaimItem,
  ClaimResponse,
  ClaimResponseItemAdjudication,
  CodeableConcept,
  ExplanationOfBenefit,
  Invoice,
  Money,
} from '@medplum/fhirtypes';
import { add, cents, fromMoney, negate, sum, toText, type Cents } from '../../src/datatypes/cents.ts';
import { codeOf } from '../../src/datatypes/coding.ts';
import type { Entry, LedgerAccount } from '../../src/datatypes/entry.ts';
import { system } from '../../src/terminology/system.ts';
import { visitOf, type JournalRow } from './oracle.ts';
import type { Practice } from './practice.ts';

/** Money as the oracle writes it. */
export const text = (money: Money | undefined): string => (money ? toText(fromMoney(money)) : 'none');

const anyCode = (concept: CodeableConcept | undefined): string | undefined => concept?.coding?.[0]?.code;

/** The Claim of an oracle claim: 7 first, 9b. */
export async function claimOf(practice: Practice, name: string): Promise<Claim> {
  const claims = await practice.search<Claim>(`Claim?encounter=Encounter/${visitOf(name)}`);
  const focal = name.endsWith('second') ? 2 : 1;
  const form = { '9a': 'institutional', '9b': 'professional' }[name];
  const fitting = claims.filter(
    (claim) =>
      claim.insurance.find((i) => i.focal)?.sequence === focal &&
      (form === undefined || anyCode(claim.type) === form),
  );
  const [claim, ...others] = fitting;
  if (!claim || others.length > 0) throw new Error(`${fitting.length} claims for ${name}`);
  return claim;
}

const only = <T>(found: readonly T[], what: string): T => {
  const [one, ...others] = found;
  if (one === undefined || others.length > 0) throw new Error(`${found.length} ${what}`);
  return one;
};

export const answerTo = async (practice: Practice, claim: Claim): Promise<ClaimResponse> =>
  only(await practice.search<ClaimResponse>(`ClaimResponse?request=Claim/${claim.id ?? ''}`), 'answers');

export const explanationsOf = (practice: Practice, claim: Claim): Promise<ExplanationOfBenefit[]> =>
  practice.search<ExplanationOfBenefit>(`ExplanationOfBenefit?claim=Claim/${claim.id ?? ''}`);

/** A claim line as the oracle has it. */
export const lineOf = (item: ClaimItem) => ({
  line: item.sequence,
  code: codeOf(item.productOrService, system.hcpcs, system.chargeMaster) ?? 'none',
  modifier: (item.modifier ?? []).map((m) => anyCode(m) ?? ''),
  units: item.quantity?.value,
  charge: text(item.net),
});

const categories: readonly string[] = [system.adjudication, system.c4bbAdjudication];

const amountOf = (list: readonly ClaimResponseItemAdjudication[], category: string): string =>
  toText(
    sum(
      list
        .filter((a) => codeOf(a.category, ...categories) === category)
        .map((a) => (a.amount ? fromMoney(a.amount) : sum([]))),
    ),
  );

/** What a payer decided on a line: allowed, paid, and each adjustment as CO-45 46.58. */
export function decisionOf(list: readonly ClaimResponseItemAdjudication[]) {
  const adjusted = list.flatMap((a) => {
    const group = codeOf(a.category, system.adjustmentGroup);
    return group === undefined
      ? []
      : [{ group, reason: codeOf(a.reason, system.carc) ?? '', amount: a.amount }];
  });
  const patient = adjusted.filter(({ group }) => group === 'PR');
  return {
    allowed: amountOf(list, 'eligible'),
    adjustments: adjusted.map((a) => `${a.group}-${a.reason} ${text(a.amount)}`),
    patient: toText(sum(patient.map(({ amount }) => (amount ? fromMoney(amount) : sum([]))))),
    paid: amountOf(list, 'benefit'),
  };
}

/** A total of an explanation by its category code, 0.00 where it is left out. */
export function totalOf(eob: ExplanationOfBenefit, category: string): string {
  const found = (eob.total ?? []).filter((t) => codeOf(t.category, ...categories) === category);
  return found.length === 0 ? '0.00' : text(only(found, `totals ${category}`).amount);
}

/** An Invoice's lines as the oracle has them; self-pay lines have no share by reason, so their charge stands for it. */
export async function invoiceLines(practice: Practice, invoice: Invoice) {
  const lines = [];
  for (const { chargeItemReference, chargeItemCodeableConcept, priceComponent = [] } of invoice.lineItem ??
    []) {
    const concept = chargeItemReference
      ? (await practice.read<ChargeItem>(chargeItemReference.reference ?? '')).code
      : chargeItemCodeableConcept;
    const part = (code: string): Cents =>
      sum(
        priceComponent
          .filter((c) => codeOf(c.code, system.invoiceComponent) === code)
          .map((c) => (c.amount ? fromMoney(c.amount) : sum([]))),
      );
    const shares = priceComponent.filter(({ type }) => type === 'informational');
    const net = sum(
      priceComponent
        .filter(({ type }) => type !== 'informational')
        .map((c) => (c.amount ? fromMoney(c.amount) : sum([]))),
    );
    lines.push({
      code: anyCode(concept) ?? '',
      copay: toText(part('copay')),
      deductible: toText(part('deductible')),
      coinsurance: toText(part('coinsurance')),
      nonCovered: toText(shares.length === 0 ? part('charge') : part('non-covered')),
      before: toText(negate(part('patient-payment'))),
      net: toText(net),
    });
  }
  return lines;
}

/** The ledger's accounts in the words of the oracle. */
const words: Readonly<Partial<Record<LedgerAccount, string>>> = {
  cash: 'cash',
  revenue: 'revenue',
  'receivable-unbilled': 'receivable, unbilled',
  'receivable-insurance-open': 'insurance receivable',
  'receivable-insurance-denied': 'insurance receivable, denied',
  'receivable-insurance-pended': 'insurance receivable, pended',
  'receivable-patient-not-invoiced': 'patient receivable, not invoiced',
  'receivable-patient-invoiced': 'patient receivable, invoiced',
  'unapplied-patient-credit': 'unapplied credit',
  'contractual-adjustment': 'contractual adjustment',
};

/** A journal as rows of debit and credit, those of one day between the same accounts added up. */
export function journalRows(
  journal: readonly Entry[],
  name: (account: LedgerAccount, payer: string | undefined) => string = (account) =>
    words[account] ?? account,
): Omit<JournalRow, 'reason'>[] {
  const rows = new Map<string, { on: string; debit: string; credit: string; amount: Cents }>();
  for (const { on, postings } of journal) {
    const left = postings.map((p): { name: string; amount: number } => ({
      name: name(p.account, p.payer),
      amount: p.amount,
    }));
    for (const debit of left.filter(({ amount }) => amount > 0)) {
      for (const credit of left.filter(({ amount }) => amount < 0)) {
        const met = Math.min(debit.amount, 0 - credit.amount);
        if (met <= 0) continue;
        debit.amount -= met;
        credit.amount += met;
        const key = `${on}|${debit.name}|${credit.name}`;
        const row = rows.get(key);
        if (row) row.amount = add(row.amount, cents(met));
        else rows.set(key, { on, debit: debit.name, credit: credit.name, amount: cents(met) });
      }
    }
  }
  return [...rows.values()].map((row) => ({ ...row, amount: toText(row.amount) }));
}

export const accountWord = (account: LedgerAccount): string => words[account] ?? account;
