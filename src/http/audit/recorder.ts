import type { IncomingMessage } from 'node:http';
import { accessTexts, importText, type AskedFor, type Asker } from '../../interaction/audit/accessRecord.ts';
import type { Principal } from '../../interaction/asCaller.ts';
import type { Answer } from '../../interaction/rest/answer.ts';
import type { AuditTrail } from '../../store/store.ts';
import { exchangeOf, pathOf, queryOf, type Answering } from '../exchange.ts';

export interface RecorderOptions {
  readonly trail: AuditTrail;
  readonly now: () => string;
  /** Nobody needs a token: only requests that bring one are recorded. */
  readonly isOpen: boolean;
}

/** Records requests: their answers leave when the record is flushed. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #askers = new WeakMap<Principal, Asker>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The request will be recorded as that of a principal, or as one of whom nobody knows who sent it. */
  expect(request: IncomingMessage, response: Answering, principal?: Principal): void {
    if (this.#options.isOpen && !isNamed(principal) && request.headers.authorization === undefined) return;
    const exchange = exchangeOf(response);
    const { url = '', method: m = '' } = request;
    const [p, q] = [pathOf(url), queryOf(url)];
    const { requestId: r } = exchange;
    const { trail, now } = this.#options;
    const asker = (): Asker => ({ a: exchange.address, ...(principal ? this.#askerOf(principal) : {}) });
    const asked = (): AskedFor => ({ t: Date.parse(now()), r, m, p, q: exchange.form ?? q });
    const record = (answer: Answer): Promise<void> => trail.append(accessTexts(asker(), asked(), answer));
    exchange.record = record;
    exchange.recordLater = record;
    exchange.recordImported = (counts) => trail.append([importText(asker(), asked(), counts)]);
  }

  #askerOf(principal: Principal): Asker {
    const known = this.#askers.get(principal);
    if (known) return known;
    const { name, client, account, user, permits, roles } = principal;
    const made: Asker = {
      c: client,
      u: account ?? (client === undefined ? (permits?.account ?? name) : undefined),
      f: user ?? permits?.user,
      o: roles,
    };
    this.#askers.set(principal, made);
    return made;
  }
}

/** Whether a principal is more than anybody. */
const isNamed = (principal: Principal | undefined): boolean =>
  principal?.client !== undefined || principal?.permits !== undefined;
