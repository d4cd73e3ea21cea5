import { aged } from '../../billing/collection/statement.ts';
import { negate, sum, type Cents } from '../../datatypes/cents.ts';
import type { Fact, Letter, List, Part, Row, Table } from '../letter/letter.ts';
import { briefDate, dollars, spokenDate, type Language } from '../letter/words.ts';
import { addressLines, nameOf, openAddress, phoneOf } from './person.ts';
import type { AccountBill, ShownLine } from './readBill.ts';
import { balanceText, serviceText } from './serviceWords.ts';
import type { Statement } from './statement.ts';
import { taglinesOf } from './tagline.ts';
import { words } from './words.ts';

/** A statement as a letter: what is owed and why, how to pay, and what to do otherwise. Billing rule 75. */
export function statementLetter(statement: Statement): Letter {
  const { recipient, practice, asOf, number } = statement;
  const { language } = recipient;
  const say = (key: keyof typeof words): string => words[key][language];
  return {
    title: `Statement ${number}`,
    on: asOf,
    language,
    large: statement.isLarge,
    from: [practice.name ?? '', ...addressLines(openAddress(practice, asOf)), ...phoneLine(statement)],
    to: [recipient.name, ...recipient.address],
    facts: [
      { label: say('statementNumber'), value: number },
      { label: say('statementDate'), value: spokenDate(language, asOf) },
      { label: say('accountNumber'), value: accountNumber(statement) },
      ...dueFacts(statement),
    ],
    running: `${say('statementNumber')} ${number}`,
    parts: [
      { kind: 'heading', level: 1, text: say(statement.isFinal ? 'finalNotice' : 'statement') },
      { kind: 'paragraph', text: opening(statement) },
      ...statement.bills.flatMap((bill) => billParts(bill, language)),
      { kind: 'facts', facts: sumFacts(statement) },
      ...(statement.isWaiting ? [{ kind: 'paragraph', text: say('waiting') } as const] : []),
      { kind: 'heading', text: say('aging') },
      { kind: 'facts', facts: agingFacts(statement) },
      { kind: 'heading', text: say('howToPay') },
      waysToPay(statement),
      { kind: 'heading', text: say('cannotPay') },
      { kind: 'paragraph', text: assistance(statement) },
      { kind: 'heading', text: say('questions') },
      { kind: 'paragraph', text: [call(statement), say('dispute'), say('itemized')].join(' ') },
      { kind: 'paragraph', text: say('surprise') },
      ...helpParts(statement),
      coupon(statement),
    ],
  };
}

const phoneLine = ({ practice }: Statement): string[] => {
  const phone = phoneOf(practice);
  return phone === undefined ? [] : [phone];
};

/** The number of the first Account, as the practice knows it. */
const accountNumber = ({ bills }: Statement): string => {
  const account = bills[0]?.of.account;
  return account?.identifier?.[0]?.value ?? account?.id ?? '';
};

const dueFacts = ({ recipient: { language }, due, dueOn }: Statement): Fact[] => [
  { label: words.amountDue[language], value: dollars(due), strong: true },
  { label: words.dueDate[language], value: spokenDate(language, dueOn), strong: true },
];

const openings: Readonly<Record<Language, readonly ((due: string, by: string) => string)[]>> = {
  en: [
    (due, by) => `You owe ${due}. Please pay by ${by}. The table shows what it is for.`,
    (due, by) => `This is a reminder: you owe ${due}. Please pay by ${by}. If you have paid, thank you.`,
    (due, by) =>
      `We have not received your payment of ${due}. Please pay by ${by}, or call us if you cannot.`,
    (due, by) =>
      `This is our last letter before a person in our office looks at your account. You owe ${due}. Please pay by ${by}, or call us: we can help you with a plan or with financial assistance.`,
  ],
  es: [
    (due, by) => `Usted debe ${due}. Pague a más tardar el ${by}. La tabla muestra por qué.`,
    (due, by) =>
      `Este es un recordatorio: usted debe ${due}. Pague a más tardar el ${by}. Si ya pagó, muchas gracias.`,
    (due, by) => `No hemos recibido su pago de ${due}. Pague a más tardar el ${by}, o llámenos si no puede.`,
    (due, by) =>
      `Esta es nuestra última carta antes de que una persona de nuestra oficina revise su cuenta. Usted debe ${due}. Pague a más tardar el ${by}, o llámenos: podemos ayudarle con un plan o con asistencia financiera.`,
  ],
};

const nothingDue: Readonly<Record<Language, string>> = {
  en: 'You do not have to pay anything now.',
  es: 'No tiene que pagar nada ahora.',
};

function opening({ recipient: { language }, level, isFinal, due, dueOn }: Statement): string {
  if (due === 0) return nothingDue[language];
  const all = openings[language];
  const say = isFinal ? all.at(-1) : all[Math.min(Math.max(level, 1), all.length - 1) - 1];
  return say?.(dollars(due), spokenDate(language, dueOn)) ?? '';
}

/** What an Account asks for: a line for each service, in the order of the days. */
function billParts(bill: AccountBill, language: Language): Part[] {
  const lines = bill.invoices.flatMap((i) => i.lines).sort((a, b) => (a.day < b.day ? -1 : 1));
  if (lines.length === 0) return [];
  return [
    { kind: 'heading', text: `${words.patient[language]}: ${nameOf(bill.of.patient.name)}` },
    linesTable(lines, language),
  ];
}

const amounts = ['charge', 'insurance', 'adjusted', 'paid', 'open'] as const;

export function linesTable(lines: readonly ShownLine[], language: Language): Table {
  const cells = (amount: (key: (typeof amounts)[number]) => Cents): string[] =>
    amounts.map((key) => {
      const value = amount(key);
      return key === 'charge' || key === 'open' ? dollars(value) : dollars(negate(value));
    });
  return {
    kind: 'table',
    columns: [
      { head: words.day[language], share: 1 },
      { head: words.service[language], share: 1.6 },
      { head: words.provider[language], share: 1.2 },
      ...amounts.map((key) => ({ head: words[key][language], amount: true })),
    ],
    rows: [
      ...lines.map((line) => ({
        cells: [
          briefDate(language, line.day),
          lineText(language, line),
          line.provider,
          ...cells((key) => line[key]),
        ],
      })),
      totalRow(words.total[language], (key) => sum(lines.map((l) => l[key])), cells),
    ],
  };
}

const totalRow = (
  label: string,
  total: (key: (typeof amounts)[number]) => Cents,
  cells: (amount: typeof total) => string[],
): Row => ({ cells: ['', label, '', ...cells(total)], strong: true });

export const lineText = (language: Language, line: ShownLine): string =>
  line.charges.length === 0 && line.code === undefined
    ? balanceText[language]
    : serviceText(language, line.definition, line.charged?.code ?? line.code);

function sumFacts({ recipient: { language }, invoiced, unapplied, due }: Statement): Fact[] {
  return [
    { label: words.billed[language], value: dollars(invoiced) },
    ...(unapplied === 0 ? [] : [{ label: words.credit[language], value: dollars(negate(unapplied)) }]),
    { label: words.amountDue[language], value: dollars(due), strong: true },
  ];
}

function agingFacts({ recipient: { language }, bills, asOf }: Statement): Fact[] {
  const ages = aged(
    bills.flatMap((b) => b.invoices),
    asOf,
  );
  return (['current', 'over30', 'over60', 'over90'] as const).map((key) => ({
    label: words[key][language],
    value: dollars(ages[key]),
  }));
}

function waysToPay({ recipient: { language }, practice, settings }: Statement): List {
  const phone = phoneOf(practice);
  const isEnglish = language === 'en';
  const web = settings.payAt;
  return {
    kind: 'list',
    items: [
      ...(web === undefined ? [] : [isEnglish ? `On the web: ${web}` : `Por internet: ${web}`]),
      ...(phone === undefined ? [] : [isEnglish ? `By telephone: ${phone}` : `Por teléfono: ${phone}`]),
      isEnglish
        ? 'By mail: send a check with the part at the end of this letter'
        : 'Por correo: envíe un cheque con la parte al final de esta carta',
    ],
  };
}

function assistance({ recipient: { language }, settings }: Statement): string {
  const where = settings.assistance;
  const isEnglish = language === 'en';
  const told =
    where === undefined
      ? isEnglish
        ? 'We also have financial assistance for people with low income. Ask us for an application.'
        : 'También tenemos asistencia financiera para personas con bajos ingresos. Pídanos una solicitud.'
      : isEnglish
        ? `We also have financial assistance for people with low income. See ${where}, or ask us for an application.`
        : `También tenemos asistencia financiera para personas con bajos ingresos. Vea ${where}, o pídanos una solicitud.`;
  return `${words.plan[language]} ${told}`;
}

function call({ recipient: { language }, practice }: Statement): string {
  const phone = phoneOf(practice);
  if (phone === undefined) return language === 'en' ? 'Write to us.' : 'Escríbanos.';
  return language === 'en' ? `Call us: ${phone}.` : `Llámenos: ${phone}.`;
}

function helpParts({ practice, recipient: { language } }: Statement): Part[] {
  const all = taglinesOf(practice, phoneOf(practice));
  if (all.length === 0) return [];
  return [
    { kind: 'heading', text: words.help[language] },
    ...all.map(({ lang, text }) => ({ kind: 'paragraph', text, lang }) as const),
  ];
}

/** What is sent back with a check. */
function coupon(statement: Statement): Part {
  const { recipient, practice, number, due, dueOn, asOf } = statement;
  const { language } = recipient;
  const to = [practice.name ?? '', ...addressLines(openAddress(practice, asOf))].join(', ');
  return {
    kind: 'together',
    parts: [
      { kind: 'cut', text: words.cut[language] },
      {
        kind: 'facts',
        facts: [
          { label: words.statementNumber[language], value: number },
          { label: words.accountNumber[language], value: accountNumber(statement) },
          { label: words.amountDue[language], value: dollars(due), strong: true },
          { label: words.dueDate[language], value: spokenDate(language, dueOn) },
          { label: words.enclosed[language], value: '$ ______________' },
          { label: words.payTo[language], value: to },
        ],
      },
    ],
  };
}
