import type { IncomingMessage } from 'node:http';
import { en } from '../text/en.ts';
import { es } from '../text/es.ts';
import type { Texts } from '../text/texts.ts';
import { markup, type Html } from './html.ts';

const languages: ReadonlyMap<string, Texts> = new Map([
  ['en', en],
  ['es', es],
]);

/** A language of the pages. */
export interface Language {
  readonly code: string;
  readonly texts: Texts;
}

const first: Language = { code: 'en', texts: en };
export const languageCookie = 'claimwright-language';

/** The language that a person chose on a page, else the first of their browser's that there is. */
export function languageOf({ headers }: Pick<IncomingMessage, 'headers'>): Language {
  const chosen = new RegExp(`(?:^|; *)${languageCookie}=([a-z]{2})(?:;|$)`).exec(headers.cookie ?? '')?.[1];
  const accepted = (headers['accept-language'] ?? '')
    .split(',')
    .map((entry) => entry.trim().slice(0, 2).toLowerCase());
  for (const code of [chosen ?? '', ...accepted]) {
    const texts = languages.get(code);
    if (texts) return { code, texts };
  }
  return first;
}

export const isLanguage = (code: string): boolean => languages.has(code);

/** Links to the same page in the other languages. */
export const switchLanguage = ({ code }: Language): Html => {
  const others = [...languages].filter(([other]) => other !== code);
  const links = others.map(
    ([other, { name }]) =>
      markup`<a href="?language=${other}" lang="${other}" hreflang="${other}">${name}</a>`,
  );
  return markup`<nav aria-label="${[...languages.values()].map(({ name }) => name).join(' / ')}">
    ${links}
  </nav>`;
};
