/** What looks like the number of a card or of a bank account: it is kept by a processor, never here. */
export type NumberOfMoney = 'card' | 'bank account';

/** Lengths and first digits of the cards that are in use. */
const brands: readonly RegExp[] = [
  /^4(?:\d{12}|\d{15}|\d{18})$/, // Visa
  /^(?:5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12})$/, // Mastercard
  /^3[47]\d{13}$/, // American Express
  /^(?:6011|65\d\d|64[4-9]\d)\d{12,15}$/, // Discover
  /^3(?:0[0-5]|[68]\d)\d{11}$/, // Diners Club
  /^35(?:2[89]|[3-8]\d)\d{12}$/, // JCB
  /^62\d{14,17}$/, // UnionPay
];

/** The check digit of cards. See ISO/IEC 7812 */
function passesLuhn(digits: string): boolean {
  const total = Array.from(digits)
    .reverse()
    .reduce((t, digit, i) => {
      const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
      return t + (value > 9 ? value - 9 : value);
    }, 0);
  return total % 10 === 0;
}

/** The digits of the shortest and of the longest cards. */
const cardLeast = 13;
const cardMost = 19;

const isCard = (digits: string): boolean =>
  digits.length >= cardLeast && brands.some((b) => b.test(digits)) && passesLuhn(digits);

/** Ids and hashes hold runs of digits that are no numbers of money. */
const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32,}\b/gi;

/** Runs of digits with single blanks, hyphens or dots between their groups. */
const runs = /\d+(?:[ .-]\d+)*/g;

/** A card is written in one run, or in groups of which several together are its number. */
function hasCard(text: string): boolean {
  return (text.match(runs) ?? []).some((run) => {
    const groups = run.split(/[ .-]/);
    return groups.some((_, from) => {
      let digits = '';
      return groups.slice(from, from + cardMost).some((group) => isCard((digits += group)));
    });
  });
}

/** The check digit of a routing number, and the Federal Reserve districts it begins with. */
function isRouting(digits: string): boolean {
  if (!/^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/.test(digits) || /^0+$/.test(digits))
    return false;
  const weights = [3, 7, 1];
  return Array.from(digits).reduce((t, d, i) => t + Number(d) * (weights[i % 3] ?? 0), 0) % 10 === 0;
}

/** See ISO 13616 */
function isIban(text: string): boolean {
  const digits = Array.from(text.slice(4) + text.slice(0, 4))
    .map((c) => parseInt(c, 36).toString())
    .join('');
  return Array.from(digits).reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}

const ibans = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b/gi;
const ofBank = /\b(?:routing|aba|checking|savings|iban|bank (?:account|acct))\b[^0-9]{0,20}\d{6,17}\b/i;

/** A routing number beside another number, a number that is said to be of a bank account, or an IBAN. */
function hasBankAccount(text: string): boolean {
  const numbers = text.match(/(?<![\w/-])\d{6,17}(?![\w/-])/g) ?? [];
  if (numbers.length > 1 && numbers.some(isRouting)) return true;
  if (ofBank.test(text)) return true;
  return (text.match(ibans) ?? []).some((one) => isIban(one.replaceAll(' ', '').toUpperCase()));
}

/** What kind of number of money a text holds; undefined for none. */
export function numberOfMoney(text: string): NumberOfMoney | undefined {
  const read = text.replace(ids, ' ');
  if (!/\d{4}/.test(read)) return undefined;
  if (hasCard(read)) return 'card';
  return hasBankAccount(read) ? 'bank account' : undefined;
}

/** Elements that hold links and ids, and no words of people. */
const links: ReadonlySet<string> = new Set([
  'reference',
  'url',
  'system',
  'id',
  'versionId',
  'lastUpdated',
  'data',
]);

export interface FoundNumber {
  readonly kind: NumberOfMoney;
  readonly at: string; // FHIRPath
}

/** Where a resource, or a part of one, holds such numbers. `at` is the FHIRPath of the value. */
export function numbersOfMoney(value: unknown, at: string): FoundNumber[] {
  if (typeof value === 'string') {
    const kind = numberOfMoney(value);
    return kind === undefined ? [] : [{ kind, at }];
  }
  if (Array.isArray(value)) return value.flatMap((one, i) => numbersOfMoney(one, `${at}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    links.has(name) ? [] : numbersOfMoney(one, `${at}.${name}`),
  );
}
