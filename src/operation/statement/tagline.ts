import type { Organization } from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import { isPrintable } from '../form/draw.ts';

/** That help with a language is free, in that language. */
export interface Tagline {
  readonly lang: string; // BCP 47
  readonly text: string;
}

/**
 * The notice of a practice without notices of its own, where its font has the letters. Which languages a state asks for
 * changes: the practice says its own by the extension `language-notice`, which takes the place of these.
 */
const usual: readonly (readonly [lang: string, text: string])[] = [
  ['en', 'Language help is free for you. Call %phone.'],
  ['es', 'Tiene ayuda gratis en su idioma. Llame al %phone.'],
  ['vi', 'Quý vị được trợ giúp ngôn ngữ miễn phí. Xin gọi %phone.'],
  ['tl', 'May libreng tulong sa inyong wika. Tumawag sa %phone.'],
  ['fr', 'Une aide linguistique gratuite est à votre disposition. Appelez le %phone.'],
  ['ht', 'Gen èd gratis pou ou nan lang ou. Rele %phone.'],
  ['pt', 'Há ajuda gratuita no seu idioma. Ligue para %phone.'],
  ['ru', 'Вам доступна бесплатная помощь на вашем языке. Позвоните по телефону %phone.'],
  ['pl', 'Bezpłatna pomoc w Twoim języku jest dostępna. Zadzwoń: %phone.'],
  ['it', 'È disponibile un aiuto gratuito nella sua lingua. Chiami il %phone.'],
  ['de', 'Hilfe in Ihrer Sprache ist kostenlos. Rufen Sie %phone an.'],
];

/** What a practice says of help with languages; nothing where it has no telephone and no notices of its own. */
export function taglinesOf(practice: Organization, phone: string | undefined): Tagline[] {
  const own = ownNotices(practice);
  if (own.length > 0) return own.filter(({ text }) => isPrintable(text));
  if (phone === undefined) return [];
  return usual.map(([lang, text]) => ({ lang, text: text.replace('%phone', phone) }));
}

/** The languages of the notices that a practice wants and that cannot be printed: the font lacks their letters. */
export const unprintableNotices = (practice: Organization): string[] =>
  ownNotices(practice).flatMap(({ lang, text }) => (isPrintable(text) ? [] : [lang]));

const ownNotices = (practice: Organization): Tagline[] =>
  extensionsOf(practice, extension.languageNotice).map((notice) => ({
    lang: extensionOf(notice, 'language')?.valueCode ?? 'und',
    text: extensionOf(notice, 'text')?.valueString ?? '',
  }));
