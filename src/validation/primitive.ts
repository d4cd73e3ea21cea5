import { isNarrative } from './narrative.ts';

/** A primitive data type of R4: whether a JSON value is one, and what is expected. See https://hl7.org/fhir/R4/datatypes.html */
export interface Primitive {
  readonly json: 'string' | 'number' | 'boolean';
  readonly is: (value: unknown) => boolean;
  readonly expected: string;
}

const longest = 1024 * 1024; // characters of a string, by R4

const control = /[\0-\x08\x0B\x0C\x0E-\x1F]/;
/** Whether a text is one of Unicode without control characters: tab and line breaks are none. */
const isPlain = (value: string): boolean => !control.test(value) && value.isWellFormed();

const text =
  (pattern?: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= longest &&
    (pattern === undefined || pattern.test(value)) &&
    isPlain(value);

const datePattern = /^(?!0000)\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;
const timePart = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`;
const zonePart = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`;
const dayPart = String.raw`(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const instantPattern = new RegExp(`^${dayPart}T${timePart}${zonePart}$`);
const timePattern = new RegExp(`^${timePart}$`);

/** False for 31 April and 29 February of a common year; the pattern has seen to the rest. */
function inCalendar(date: string): boolean {
  const day = Number(date.slice(8, 10));
  if (day < 29) return true;
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  if (month !== 2) return day < 31 || ![4, 6, 9, 11].includes(month);
  return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
const isDate = (value: unknown): boolean =>
  typeof value === 'string' && datePattern.test(value) && inCalendar(value);
const isInstant = (value: unknown): boolean =>
  typeof value === 'string' && instantPattern.test(value) && inCalendar(value);

const whole =
  (from: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= 2_147_483_647;

/** Base64 in groups of four, spaces between them allowed. A loop, since data may be long. */
function isBase64(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  let [digits, padding] = [0, 0];
  for (let i = 0; i < value.length; i += 1) {
    const c = value.charCodeAt(i);
    if (c === 32 || (c >= 9 && c <= 13)) {
      if (digits % 4 !== 0) return false; // white space stands between groups of four only
      continue;
    }
    const letter =
      (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 43 || c === 47;
    if (c === 61) padding += 1;
    else if (!letter || padding > 0) return false;
    digits += 1;
  }
  return digits > 0 && digits % 4 === 0 && padding <= 2;
}

const line = text(/^\S+$/);
const of = (json: Primitive['json'], is: Primitive['is'], expected: string): Primitive => ({
  json,
  is,
  expected,
});

/** Every primitive type of R4 by name. */
export const primitives: Readonly<Record<string, Primitive>> = {
  base64Binary: of('string', isBase64, 'base64 text'),
  boolean: of('boolean', (value) => typeof value === 'boolean', 'true or false'),
  canonical: of('string', line, 'a canonical URL without spaces'),
  code: of('string', text(/^\S+(?:\s\S+)*$/), 'a code without leading, trailing or double spaces'),
  date: of('string', isDate, 'a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: of(
    'string',
    (value) => isDate(value) || isInstant(value),
    'a date that exists, as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with time zone',
  ),
  decimal: of('number', Number.isFinite, 'a decimal number'),
  id: of('string', text(/^[A-Za-z0-9\-.]{1,64}$/), '1 to 64 letters, digits, - and .'),
  instant: of('string', isInstant, 'an instant that exists, as YYYY-MM-DDThh:mm:ss.sss with time zone'),
  integer: of('number', whole(-2_147_483_648), 'a whole number of 32 bits'),
  markdown: of('string', text(), 'text, not empty, without control characters, at most 1,048,576 characters'),
  oid: of('string', text(/^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/), 'an OID as urn:oid:1.2.3'),
  positiveInt: of('number', whole(1), 'a whole number from 1 to 2,147,483,647'),
  string: of('string', text(), 'text, not empty, without control characters, at most 1,048,576 characters'),
  time: of('string', text(timePattern), 'a time as hh:mm:ss'),
  unsignedInt: of('number', whole(0), 'a whole number from 0 to 2,147,483,647'),
  uri: of('string', line, 'a URI without spaces'),
  url: of('string', line, 'a URL without spaces'),
  uuid: of(
    'string',
    text(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    'a UUID as urn:uuid:c757873d-ec9a-4326-a141-556f43239520, in lower case',
  ),
  xhtml: of(
    'string',
    (value) => isNarrative(value) && isPlain(value as string),
    'well-formed XHTML: one div of the elements that R4 allows, and no script',
  ),
};
