import type { Patient } from '@medplum/fhirtypes';
import { toText, type Cents } from '../../datatypes/cents.ts';

/** The languages that letters to patients are written in. */
export type Language = 'en' | 'es';

/** A text in each of them. */
export type Words = Readonly<Record<Language, string>>;

/** The language a person wants to be written to: what they prefer, else the first that is named; English else. */
export function languageOf(person: { communication?: Patient['communication'] } | undefined): Language {
  const all = person?.communication ?? [];
  const chosen = all.find((c) => c.preferred === true) ?? all[0];
  const codes = (chosen?.language.coding ?? []).map((c) => c.code?.toLowerCase() ?? '');
  return codes.some((code) => code === 'es' || code.startsWith('es-')) ? 'es' : 'en';
}

const months: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  es: [
    'enero',
    'febrero',
    'marzo',
    'abril',
    'mayo',
    'junio',
    'julio',
    'agosto',
    'septiembre',
    'octubre',
    'noviembre',
    'diciembre',
  ],
};

/** A FHIR date as people say it: March 5, 2026, or 5 de marzo de 2026. */
export function spokenDate(language: Language, date: string | undefined): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date ?? '') ?? [];
  const name = months[language][Number(month) - 1];
  if (name === undefined) return date ?? '';
  return language === 'en' ? `${name} ${Number(day)}, ${year}` : `${Number(day)} de ${name} de ${year}`;
}

/** The same in few letters, for the columns of a table: Mar 5, 2026, or 5 mar 2026. */
export function briefDate(language: Language, date: string | undefined): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date ?? '') ?? [];
  const name = months[language][Number(month) - 1]?.slice(0, 3);
  if (name === undefined) return date ?? '';
  return language === 'en' ? `${name} ${Number(day)}, ${year}` : `${Number(day)} ${name} ${year}`;
}

/** Dollars and cents: $1,160.25; a credit as -$20.00. */
export const dollars = (amount: Cents): string => toText(amount).replace(/^-?/, (sign) => `${sign}$`);

export const pageOf = (language: Language, page: number, pages: number): string =>
  language === 'en' ? `Page ${page} of ${pages}` : `Página ${page} de ${pages}`;

export const continued: Words = { en: 'continued', es: 'continuación' };
