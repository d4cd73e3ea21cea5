import { markup, layout, originOf, withDays, type Page } from './html.ts';
import { switchLanguage, type Language } from './text.ts';

interface AppsPage {
  readonly language: Language;
  readonly action: string;
  readonly own: string; // where the account is
  readonly proof: string;
  readonly user: string;
  readonly isRevoked: boolean;
  readonly granted: readonly { readonly client: string; readonly name: string; readonly since: string }[];
  readonly launched: readonly { readonly id: string; readonly name: string; readonly launchUri: string }[];
}

/** The apps that a person has allowed, to take access back; and those that can be opened from here. */
export function appsPage({
  language,
  action,
  own,
  proof,
  user,
  isRevoked,
  granted,
  launched,
}: AppsPage): Page {
  const { code, texts } = language;
  const rows = granted.map(
    ({ client, name, since }) =>
      markup`<li>
        <strong>${name}</strong>, ${withDays(texts.since(since.slice(0, 10)))}<br><button name="revoke" value="${client}">
          ${texts.revoke(name)}
        </button>
      </li>`,
  );
  const apps = launched.map(
    ({ id, name }) =>
      markup`<li>
        <form method="post" action="${action}" class="inline">
          <input type="hidden" name="proof" value="${proof}"><input type="hidden" name="client" value="${id}"><button name="do" value="open">${texts.openApp(name)}</button>
        </form>
      </li>`,
  );
  const body = markup`<p>${texts.signedInAs(user)}</p>
    ${isRevoked && markup`<p class="done" role="status">${texts.revoked}</p>`}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}" />
      ${
        rows.length === 0
          ? markup`<p>${texts.noApps}</p>`
          : markup`<ul class="rows">
              ${rows}
            </ul>`
      }
    </form>
    ${
      apps.length > 0 &&
      markup`<h2>${texts.openApps}</h2>
        <ul class="rows">
          ${apps}
        </ul>`
    }
    <h2>${texts.own.title}</h2>
    <p><a href="${own}">${texts.own.link}</a></p>
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}" />
      <button name="do" value="sign-out">${texts.signOut}</button>
      <button name="do" value="sign-out-everywhere">${texts.signOutEverywhere}</button>
    </form>`;
  const page = layout({ language: code, title: texts.appsTitle, body, switchTo: switchLanguage(language) });
  // A browser holds where an opened app is sent to against the policy of the page that opened it.
  const leadsTo = [...new Set(launched.map(({ launchUri }) => originOf(launchUri)))].join(' ');
  return { status: 200, html: page, leadsTo };
}
