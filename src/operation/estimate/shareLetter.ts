import type { Coverage, Organization } from '@medplum/fhirtypes';
import { owedIn, type EstimatedLine } from '../../billing/estimate/shareAnswer.ts';
import { sum } from '../../datatypes/cents.ts';
import { memberNumberOf } from '../../billing/eligibility/corrections.ts';
import type { Letter, Part } from '../letter/letter.ts';
import { briefDate, dollars, spokenDate, type Language } from '../letter/words.ts';
import { addressLines, nameOf, openAddress, phoneOf } from '../statement/person.ts';
import type { EstimateOf } from './estimateLetter.ts';
import { priceWords, shareWords as says } from './shareWords.ts';

/** What the letter to an insured patient is made of. */
export interface ShareOf extends EstimateOf {
  readonly lines: readonly EstimatedLine[];
  readonly coverage: Coverage;
  readonly payer: Organization | undefined;
  readonly askedOn: string | undefined; // when the payer was asked last
  readonly isProtected: boolean;
}

/** What an insured patient may owe, and why, as a letter: no diagnosis, no codes. */
export function shareLetter(estimate: ShareOf): Letter {
  const { practice, recipient, number, on, patient, date, lines, coverage, payer, askedOn } = estimate;
  const { language } = recipient;
  const phone = phoneOf(practice);
  const owed = dollars(owedIn(lines));
  const member = memberNumberOf(coverage);
  return {
    title: `Estimate ${number}`,
    on,
    language,
    from: [practice.name ?? '', ...addressLines(openAddress(practice, on)), ...(phone ? [phone] : [])],
    to: [recipient.name, ...recipient.address],
    facts: [
      { label: says.number[language], value: number },
      { label: says.given[language], value: spokenDate(language, on) },
      { label: says.owed[language], value: owed, strong: true },
    ],
    running: `${says.title[language]} ${number}`,
    parts: [
      { kind: 'heading', level: 1, text: says.title[language] },
      { kind: 'paragraph', text: says.what[language] },
      {
        kind: 'facts',
        facts: [
          { label: says.patient[language], value: nameOf(patient.name) },
          { label: says.day[language], value: spokenDate(language, date) },
          { label: says.insurance[language], value: payer?.name ?? '' },
          ...(member === '' ? [] : [{ label: says.member[language], value: member }]),
          {
            label: says.asked[language],
            value: askedOn === undefined ? says.notAsked[language] : spokenDate(language, askedOn),
          },
        ],
      },
      services(estimate, language),
      ...why(estimate, language),
      { kind: 'heading', text: says.rights[language] },
      { kind: 'list', items: says.notices.map((notice) => notice[language]) },
    ],
  };
}

function services({ lines }: ShareOf, language: Language): Part {
  const rows = lines.map(({ item, allowed, paid, owed }) => ({
    cells: [
      briefDate(language, item.date),
      item.code.text ?? item.code.coding?.[0]?.code ?? '',
      item.units.toString(),
      ...[item.charge, allowed, paid, owed].map(dollars),
    ],
  }));
  const total = (of: (line: EstimatedLine) => EstimatedLine['owed']): string => dollars(sum(lines.map(of)));
  return {
    kind: 'table',
    columns: [
      { head: says.given[language] },
      { head: says.service[language], share: 3 },
      { head: says.units[language], amount: true },
      { head: says.charge[language], amount: true },
      { head: says.allowed[language], amount: true },
      { head: says.pays[language], amount: true },
      { head: says.youOwe[language], amount: true },
    ],
    rows: [
      ...rows,
      {
        cells: [
          says.total[language],
          '',
          '',
          total((line) => line.item.charge),
          total((line) => line.allowed),
          total((line) => line.paid),
          total((line) => line.owed),
        ],
        strong: true,
      },
    ],
  };
}

const reasons = [
  ['3', 'copay'],
  ['1', 'deductible'],
  ['2', 'coinsurance'],
  ['119', 'maximum'],
  ['204', 'uncovered'],
] as const;

/** What the patient's part is made of, and where the prices come from. */
function why({ lines, isProtected }: ShareOf, language: Language): Part[] {
  const shares = lines.flatMap((line) => line.shares);
  const facts = reasons.flatMap(([reason, name]) => {
    const amount = sum(shares.filter((share) => share.reason === reason).map((share) => share.amount));
    return amount === 0 ? [] : [{ label: says[name][language], value: dollars(amount) }];
  });
  const sources = [...new Set(lines.map(({ by }) => by))].map((by) => priceWords[by][language]);
  return [
    { kind: 'heading', text: says.why[language] },
    ...(facts.length > 0
      ? [{ kind: 'facts' as const, facts }]
      : [
          {
            kind: 'paragraph' as const,
            text: isProtected ? says.protected[language] : says.nothing[language],
          },
        ]),
    { kind: 'paragraph', text: `${says.prices[language]}: ${sources.join('; ')}.` },
  ];
}
