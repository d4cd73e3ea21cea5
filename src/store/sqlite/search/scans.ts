import type { Resource } from '@medplum/fhirtypes';
import type { SQLOutputValue } from 'node:sqlite';
import type { Database } from '../connection/database.ts';

type Answer = string | number | null;
type Question = (resource: Resource) => Answer;

const utf8 = new TextDecoder();

/** Tests of resources that no index answers, as the SQL function `scan`. */
export class Scans {
  readonly #questions: Question[] = [];
  #rid: SQLOutputValue = null;
  #resource: Resource | undefined;

  constructor({ connection }: Database) {
    connection.function('scan', (no, rid, json) => this.#answer(Number(no), rid, json));
  }

  /** Adds a test; returns the SQL that applies it to a candidate. */
  ask(question: Question): (at: string) => string {
    const no = this.#questions.push(question) - 1;
    return (at) => `scan(${no}, ${at}, (SELECT json FROM resource WHERE rid = ${at}))`;
  }

  /** Drops the tests of a query that has been answered. */
  clear(): void {
    if (this.#questions.length === 0) return;
    this.#questions.length = 0;
    this.#resource = undefined;
  }

  /** The resource that was tested last: several tests of one read it once. */
  #answer(no: number, rid: SQLOutputValue, json: SQLOutputValue): Answer {
    if (this.#resource === undefined || this.#rid !== rid) {
      this.#resource = JSON.parse(utf8.decode(json as Uint8Array)) as Resource;
      this.#rid = rid;
    }
    const question = this.#questions[no];
    if (!question) throw new Error('a resource is asked what no query asks');
    return question(this.#resource);
  }
}
