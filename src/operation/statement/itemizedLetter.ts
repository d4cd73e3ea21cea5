import type { ChargeItem, ChargeItemDefinition, Organization, Patient } from '@medplum/fhirtypes';
import { sum, type Cents } from '../../datatypes/cents.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';
import type { Fact, Letter } from '../letter/letter.ts';
import { briefDate, dollars, spokenDate, type Words } from '../letter/words.ts';
import { addressLines, nameOf, openAddress, phoneOf } from './person.ts';
import { serviceText } from './serviceWords.ts';
import type { Recipient } from './statement.ts';
import { words } from './words.ts';

/** A charge of a visit, as it is shown. */
export interface ItemizedLine {
  readonly charge: ChargeItem;
  readonly day: string;
  readonly definition: ChargeItemDefinition | undefined;
  readonly amount: Cents;
}

export interface Itemized {
  readonly practice: Organization;
  readonly recipient: Recipient;
  readonly patient: Patient;
  readonly on: string;
  readonly kind: 'itemized-bill' | 'superbill';
  readonly number: string;
  readonly lines: readonly ItemizedLine[];
}

const says = {
  itemized: { en: 'Itemized bill', es: 'Factura detallada' },
  superbill: { en: 'Superbill for your insurance', es: 'Factura para su seguro' },
  code: { en: 'Code', es: 'Código' },
  units: { en: 'Units', es: 'Unidades' },
  born: { en: 'Born', es: 'Fecha de nacimiento' },
  tax: { en: 'Tax number', es: 'Número fiscal' },
  diagnoses: { en: 'Diagnosis codes', es: 'Códigos de diagnóstico' },
  notAsked: {
    en: 'This is not a request for payment. It shows each charge before insurance.',
    es: 'Esto no es una solicitud de pago. Muestra cada cargo antes del seguro.',
  },
} as const satisfies Readonly<Record<string, Words>>;

/** Every charge of a visit; of a superbill also what an insurer asks for. */
export function itemizedLetter(bill: Itemized): Letter {
  const { practice, recipient, patient, on, kind, number, lines } = bill;
  const { language } = recipient;
  const phone = phoneOf(practice);
  const isSuperbill = kind === 'superbill';
  const title = (isSuperbill ? says.superbill : says.itemized)[language];
  return {
    title: `${isSuperbill ? 'Superbill' : 'Itemized bill'} ${number}`,
    on,
    language,
    from: [practice.name ?? '', ...addressLines(openAddress(practice, on)), ...(phone ? [phone] : [])],
    to: [recipient.name, ...recipient.address],
    running: `${title} ${number}`,
    parts: [
      { kind: 'heading', level: 1, text: title },
      { kind: 'paragraph', text: says.notAsked[language] },
      {
        kind: 'facts',
        facts: [
          { label: words.patient[language], value: nameOf(patient.name) },
          { label: words.day[language], value: spokenDate(language, on) },
          ...(isSuperbill ? insurerFacts(bill) : []),
        ],
      },
      {
        kind: 'table',
        columns: [
          { head: words.day[language] },
          { head: says.code[language] },
          { head: words.service[language], share: 2.5 },
          { head: says.units[language], amount: true },
          { head: words.charge[language], amount: true },
        ],
        rows: [
          ...lines.map(({ charge, day, definition, amount }) => ({
            cells: [
              briefDate(language, day),
              charge.code.coding?.[0]?.code ?? '',
              serviceText(language, definition, charge.code),
              String(charge.quantity?.value ?? 1),
              dollars(amount),
            ],
          })),
          {
            cells: ['', '', words.total[language], '', dollars(sum(lines.map((l) => l.amount)))],
            strong: true,
          },
        ],
      },
    ],
  };
}

function insurerFacts({ practice, patient, lines, recipient: { language } }: Itemized): Fact[] {
  const codes = lines.flatMap(({ charge }) =>
    (charge.reason ?? []).flatMap(({ coding = [] }) => coding.flatMap(({ code }) => code ?? [])),
  );
  const facts: (readonly [string, string])[] = [
    [says.born[language], spokenDate(language, patient.birthDate)],
    ['NPI', identifierOf(practice, system.npi) ?? ''],
    [says.tax[language], identifierOf(practice, system.taxId) ?? ''],
    [says.diagnoses[language], [...new Set(codes)].join(', ')],
  ];
  return facts.filter(([, value]) => value !== '').map(([label, value]) => ({ label, value }));
}
