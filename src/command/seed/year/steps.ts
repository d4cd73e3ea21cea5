import type { Bundle, Claim, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { toMoney, type Cents } from '../../../datatypes/cents.ts';
import type { Context } from '../../../interaction/context.ts';
import { localClient, type Client, type Reply } from '../../load/client.ts';
import { issuesOf } from '../../load/road.ts';
import { putting } from './office.ts';

/** What the steps of a visit are done with. Seeding that was stopped goes through them again and does none twice. */
export interface Steps {
  /** Writes resources of the chart on a day. */
  write(day: string, name: string, resources: readonly Resource[]): Promise<void>;
  /** Calls an operation as of a day. */
  call(day: string, path: string, parameters?: readonly ParametersParameter[]): Promise<Answered>;
  /** Sends a claim on a day; the payer answers on another. */
  submit(claim: Claim, sent: string, answered: string): Promise<Answered>;
  find: Client['find'];
  read: Client['read'];
}

/** What an operation answered: the resources it names, or the one it is. */
export interface Answered {
  of<T extends Resource>(name: string): T[];
  readonly resource: Resource | undefined;
}

export const money = (amount: Cents): ParametersParameter => ({ name: 'amount', valueMoney: toMoney(amount) });

/**
 * The steps of one visit or patient. `isKept` where one of them could not be repeated without doing it again: then the
 * answer of each is kept under a key of `scope`, day and step.
 */
export function stepsOf(context: Context, scope: string, isKept: boolean): Steps {
  // as it is at the end of the day, so that no step lies in its future
  const on = (day: string): Client => localClient({ ...context, now: () => `${day}T23:30:00Z` });
  const client = localClient(context);
  const key = (day: string, name: string): string => `year ${scope} ${day} ${name}`;
  return {
    write: async (day, name, resources) => {
      const bundle: Bundle = putting(resources);
      checked(name, await on(day).post(bundle, key(day, name)));
    },
    call: async (day, path, parameters = []) => {
      const dated: ParametersParameter[] = [{ name: 'businessDate', valueDate: day }, ...parameters];
      return answered(checked(path, await on(day).call(path, dated, isKept ? key(day, path) : undefined)));
    },
    submit: async ({ id = '' }, sent, answeredOn) => {
      const [path, name] = [`Claim/${id}/$submit`, 'answeredOn'];
      const dated = [{ name: 'businessDate', valueDate: sent }, { name, valueDate: answeredOn }];
      return answered(checked(path, await on(answeredOn).call(path, dated, isKept ? key(sent, path) : undefined)));
    },
    find: (type, parameters) => client.find(type, parameters),
    read: (type, id) => client.read(type, id),
  };
}

/** A refusal is a fault of what is generated, and stops the seeding. */
function checked(step: string, reply: Reply): Reply {
  if (reply.status === 200) return reply;
  const texts = issuesOf(reply).map(({ details }) => details?.text);
  throw new Error(`${step} answered ${String(reply.status)}: ${texts.join('; ')}`);
}

const answered = ({ resource }: Reply): Answered => ({
  resource,
  of: <T extends Resource>(name: string): T[] =>
    ((resource as Parameters | undefined)?.parameter ?? []).flatMap((p) =>
      p.name === name && p.resource ? [p.resource as T] : [],
    ),
});

export const claimsIn = (answer: Answered): Claim[] => answer.of<Claim>('claim');
