import { layout, markup, type Html, type Page } from './html.ts';
import { qrCode } from './qrCode.ts';
import { wrongNote } from './signIn.ts';
import { switchLanguage, type Language } from './text.ts';

/** The forms of the page. */
export type OwnForm = 'password' | 'codes';

interface OwnPage {
  readonly language: Language;
  readonly action: string;
  readonly apps: string; // where apps are listed
  readonly proof: string;
  readonly user: string;
  readonly hasPassword: boolean;
  readonly hasCodes: boolean;
  readonly done?: 'password' | 'codes-on' | 'codes-off' | undefined;
  /** What was wrong with a form. */
  readonly wrong?: { readonly in: OwnForm; readonly text: string } | undefined;
}

/** Lets a person change their password, and switch one-time codes on and off. */
export function ownAccountPage(page: OwnPage): Page {
  const { language, apps, user, hasPassword, done, wrong } = page;
  const { code, texts } = language;
  const body = markup`<p>${texts.signedInAs(user)}</p>
    ${done && markup`<p class="done" role="status">${texts.own.done[done]}</p>`}
    ${hasPassword ? markup`${passwordForm(page)}${codesForm(page)}` : markup`<p>${texts.own.noPassword}</p>`}
    <p><a href="${apps}">${texts.appsTitle}</a></p>`;
  const title = texts.own.title;
  const html = layout({ language: code, title, body, switchTo: switchLanguage(language) });
  return { status: wrong === undefined ? 200 : 400, html };
}

function passwordForm({ language: { texts }, action, proof, user, hasCodes, wrong }: OwnPage): Html {
  const isWrong = wrong?.in === 'password';
  return markup`<h2>${texts.own.changePassword}</h2>
    ${isWrong && wrongNote(wrong.text)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}">
      <input type="text" name="name" value="${user}" autocomplete="username" hidden>
      ${presentField(texts.own.present, 'password', isWrong)}
      ${hasCodes && codeField(texts.code, 'password-code')}
      <label for="password">${texts.newPassword}</label>
      <p class="hint" id="rules">${texts.passwordRules}</p>
      <input type="password" id="password" name="password" autocomplete="new-password" required minlength="12" maxlength="200" aria-describedby="rules">
      <label for="again">${texts.newPasswordAgain}</label>
      <input type="password" id="again" name="again" autocomplete="new-password" required minlength="12" maxlength="200">
      <p class="hint">${texts.own.appsStay}</p>
      <button class="main" name="do" value="password">${texts.own.change}</button>
    </form>`;
}

function codesForm({ language: { texts }, action, proof, hasCodes, wrong }: OwnPage): Html {
  const { own } = texts;
  const isWrong = wrong?.in === 'codes';
  return markup`<h2>${own.codes}</h2>
    <p>${own.codesWhy} <strong>${hasCodes ? own.areOn : own.areOff}</strong> ${hasCodes && own.lost}</p>
    ${isWrong && wrongNote(wrong.text)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}">
      ${presentField(own.present, 'codes', isWrong)}
      ${hasCodes && codeField(texts.code, 'codes-code')}
      <button name="do" value="${hasCodes ? 'codes-off' : 'codes-begin'}">${hasCodes ? own.turnOff : own.turnOn}</button>
    </form>`;
}

const presentField = (label: string, of: OwnForm, isWrong: boolean): Html =>
  markup`<label for="${of}-present">${label}</label>
    <input type="password" id="${of}-present" name="present" autocomplete="current-password" required maxlength="200"${isWrong && markup` aria-describedby="wrong"`}>`;

const codeField = (label: string, id: string): Html =>
  markup`<label for="${id}">${label}</label>
    <input type="text" id="${id}" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required>`;

interface SetUpPage {
  readonly language: Language;
  readonly action: string;
  readonly proof: string;
  readonly key: string; // as people type it
  readonly uri: string; // as an app reads it, by a link on this device or by the picture from another
  readonly wrong?: string | undefined;
}

/** Shows the key of one-time codes, and asks for a code to prove that an authenticator app has it. */
export function setUpCodesPage({ language, action, proof, key, uri, wrong }: SetUpPage): Page {
  const { code, texts } = language;
  const { own } = texts;
  const groups = key.match(/.{1,4}/g)?.join(' ') ?? key;
  const body = markup`<p>${own.setUpHint}</p>
    ${qrCode(uri, own.picture)}
    <p>${own.key}: <code>${groups}</code></p>
    <p><a href="${uri}">${own.openAuthenticator}</a></p>
    <p>${own.prove}</p>
    ${wrongNote(wrong)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}">
      ${codeField(texts.code, 'code')}
      <button class="main" name="do" value="codes-on">${own.turnOn}</button>
    </form>
    <p><a href="${action}">${texts.cancel}</a></p>`;
  const html = layout({ language: code, title: own.setUp, body });
  return { status: wrong === undefined ? 200 : 400, html };
}
