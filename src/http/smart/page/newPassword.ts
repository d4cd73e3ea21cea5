import { markup, layout, type Page } from './html.ts';
import { wrongNote } from './signIn.ts';
import { switchLanguage, type Language } from './text.ts';

interface NewPasswordPage {
  readonly language: Language;
  readonly action: string;
  readonly proof: string;
  readonly name: string;
  readonly wrong?: string;
}

/** Lets a password be chosen, after a one-time link. */
export function newPasswordPage({ language, action, proof, name, wrong }: NewPasswordPage): Page {
  const { code, texts } = language;
  const body = markup`${wrongNote(wrong)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}">
      <input type="text" name="name" value="${name}" autocomplete="username" readonly aria-label="${texts.accountName}">
      <label for="password">${texts.newPassword}</label>
      <p class="hint" id="rules">${texts.passwordRules}</p>
      <input type="password" id="password" name="password" autocomplete="new-password" required minlength="12" maxlength="200" aria-describedby="rules">
      <label for="again">${texts.newPasswordAgain}</label>
      <input type="password" id="again" name="again" autocomplete="new-password" required minlength="12" maxlength="200">
      <button class="main" name="do" value="set">${texts.goOn}</button>
    </form>`;
  const page = layout({
    language: code,
    title: texts.newPasswordTitle,
    body,
    switchTo: switchLanguage(language),
  });
  return { status: wrong === undefined ? 200 : 400, html: page };
}
