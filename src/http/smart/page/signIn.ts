import { markup, layout, type Html, type Page } from './html.ts';
import { switchLanguage, type Language } from './text.ts';

/** What the pages of a sign-in show. */
export interface SignInPage {
  readonly language: Language;
  /** Where the form is sent to: a path of this server. */
  readonly action: string;
  readonly proof: string; // that the form is ours
  readonly app?: string | undefined; // the app that waits for it
  readonly leadsTo?: string | undefined;
  readonly wrong?: string | undefined;
}

/** A sentence about what went wrong, read out at once. */
export const wrongNote = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : markup`<p class="wrong" role="alert" id="wrong">${text}</p>`;

/** Asks for name and password. */
export function signInPage({ language, action, proof, app, leadsTo, wrong }: SignInPage): Page {
  const { code, texts } = language;
  const described = wrong === undefined ? undefined : markup` aria-describedby="wrong"`;
  const body = markup`${app !== undefined && markup`<p>${texts.signInFor(app)}</p>`} ${wrongNote(wrong)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}" />
      <label for="name">${texts.accountName}</label>
      <input
        type="text"
        id="name"
        name="name"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        required
        maxlength="200"
        ${described}
      />
      <label for="password">${texts.password}</label>
      <input
        type="password"
        id="password"
        name="password"
        autocomplete="current-password"
        required
        maxlength="200"
        ${described}
      />
      <button class="main" name="do" value="sign-in">${texts.signIn}</button>
      ${app !== undefined && markup`<button name="do" value="refuse" formnovalidate>${texts.cancel}</button>`}
    </form>
    <p class="hint">${texts.forgotten}</p>`;
  const title = texts.signIn;
  const page = layout({ language: code, title, body, switchTo: switchLanguage(language) });
  return { status: wrong === undefined ? 200 : 400, html: page, leadsTo };
}

/** Asks for a one-time code; `pending` says whose password was right. */
export function codePage({ language, action, proof, leadsTo, wrong }: SignInPage, pending: string): Page {
  const { code, texts } = language;
  const body = markup`${wrongNote(wrong)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}">
      <input type="hidden" name="pending" value="${pending}">
      <label for="code">${texts.code}</label>
      <p class="hint" id="code-hint">${texts.codeHint}</p>
      <input type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required aria-describedby="code-hint${wrong === undefined ? '' : ' wrong'}">
      <button class="main" name="do" value="code">${texts.goOn}</button>
    </form>`;
  const page = layout({ language: code, title: texts.codeTitle, body });
  return { status: wrong === undefined ? 200 : 400, html: page, leadsTo };
}
