import { totalOf } from '../../billing/estimate/goodFaith.ts';
import { addMonths } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';
import type { Letter, Part } from '../letter/letter.ts';
import { briefDate, dollars, spokenDate, type Language } from '../letter/words.ts';
import { addressLines, nameOf, openAddress, phoneOf } from '../statement/person.ts';
import type { Recipient } from '../statement/statement.ts';
import { estimateWords as says } from './estimateWords.ts';
import type { AskedEstimate } from './readEstimate.ts';

/** What the letter of an estimate is made of. */
export interface EstimateOf extends AskedEstimate {
  readonly recipient: Recipient;
  readonly number: string;
  readonly on: string;
}

/** A good-faith estimate as a letter, with what 45 CFR 149.610(c)(1) wants it to say. */
export function estimateLetter(estimate: EstimateOf): Letter {
  const { practice, recipient, number, on, patient, date, items } = estimate;
  const { language } = recipient;
  const phone = phoneOf(practice);
  return {
    title: `Good faith estimate ${number}`,
    on,
    language,
    from: [practice.name ?? '', ...addressLines(openAddress(practice, on)), ...(phone ? [phone] : [])],
    to: [recipient.name, ...recipient.address],
    facts: [
      { label: says.number[language], value: number },
      { label: says.given[language], value: spokenDate(language, on) },
      { label: says.total[language], value: dollars(totalOf(items)), strong: true },
    ],
    running: `${says.title[language]} ${number}`,
    parts: [
      { kind: 'heading', level: 1, text: says.title[language] },
      { kind: 'paragraph', text: says.what[language] },
      {
        kind: 'facts',
        facts: [
          { label: says.patient[language], value: nameOf(patient.name) },
          { label: says.born[language], value: spokenDate(language, patient.birthDate) },
          { label: says.primary[language], value: wordsOf(estimate, 0) },
          { label: says.day[language], value: spokenDate(language, date) },
        ],
      },
      ...provider(estimate, language),
      ...expected(estimate, language),
      ...separately(estimate, language),
      { kind: 'heading', text: says.rights[language] },
      { kind: 'list', items: says.notices.map((notice) => notice[language]) },
      { kind: 'paragraph', text: `${says.valid[language]} ${spokenDate(language, addMonths(on, 12))}.` },
    ],
  };
}

const wordsOf = ({ items }: EstimateOf, at: number): string => {
  const { text, coding = [] } = items[at]?.code ?? {};
  return text ?? coding[0]?.code ?? '';
};

/** Who will bill, with NPI, tax id, state and place. */
function provider({ practice, on, provider: clinician }: EstimateOf, language: Language): Part[] {
  const address = openAddress(practice, on);
  return [
    { kind: 'heading', text: says.provider[language] },
    {
      kind: 'facts',
      facts: [
        { label: says.name[language], value: practice.name ?? '' },
        ...(clinician?.display === undefined
          ? []
          : [{ label: says.clinician[language], value: clinician.display }]),
        { label: 'NPI', value: identifierOf(practice, system.npi) ?? '' },
        { label: says.taxId[language], value: identifierOf(practice, system.taxId, system.ein) ?? '' },
        { label: says.place[language], value: addressLines(address).join(', ') },
      ],
    },
  ];
}

/** Each service with its code, its day and what will be charged. */
function expected(estimate: EstimateOf, language: Language): Part[] {
  const { items, diagnoses } = estimate;
  const rows = items.map(({ code, date, units, charge }, i) => ({
    cells: [
      briefDate(language, date),
      wordsOf(estimate, i),
      code.coding?.[0]?.code ?? '',
      units.toString(),
      dollars(charge),
    ],
  }));
  return [
    { kind: 'heading', text: says.expected[language] },
    {
      kind: 'table',
      columns: [
        { head: says.date[language] },
        { head: says.service[language], share: 3 },
        { head: says.code[language] },
        { head: says.units[language], amount: true },
        { head: says.charge[language], amount: true },
      ],
      rows: [...rows, { cells: [says.total[language], '', '', '', dollars(totalOf(items))], strong: true }],
    },
    ...(diagnoses.length === 0
      ? []
      : [
          {
            kind: 'paragraph' as const,
            text: `${says.diagnoses[language]}: ${diagnoses.map((d) => d.code ?? '').join(', ')}`,
          },
        ]),
  ];
}

function separately({ separate }: EstimateOf, language: Language): Part[] {
  if (separate.length === 0) return [];
  return [
    { kind: 'heading', text: says.separate[language] },
    { kind: 'paragraph', text: says.separateNote[language] },
    { kind: 'list', items: separate },
  ];
}
