import type { Claim, Contract, Invoice, PaymentNotice } from '@medplum/fhirtypes';
import { contentOf } from '../../billing/opening/broughtForward.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { businessFault, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { openedKey, writtenHolder } from '../uniqueKey.ts';
import type { OpeningHead, ToLoad } from './toLoad.ts';

type Opened = Claim | Contract | Invoice | PaymentNotice;
const types = ['Claim', 'Contract', 'Invoice', 'PaymentNotice'] as const;

/** What is found of a part before anything is written. */
export interface Looked {
  readonly known?: string; // Claim/1, Invoice/1, PaymentNotice/1: it was loaded before
  readonly faults: readonly Issue[];
  /** What is there already under its number, with other content. */
  readonly conflicts: readonly Issue[];
}

/** The resource that was loaded under the number of a part, and whether it says the same. */
export async function openedBefore(call: Call, head: OpeningHead, item: ToLoad): Promise<Looked | undefined> {
  const holder = await writtenHolder(call.tx, openedKey(head.practice, item.kind, item.reference));
  const target = parseReference(holder);
  const type = types.find((t) => t === target?.type);
  if (holder === undefined || type === undefined) return undefined;
  const found = await resolve<Opened>(call.tx, type, { reference: holder });
  if (found && contentOf(found) === item.content) return { known: holder, faults: [], conflicts: [] };
  const text = `${item.reference} was loaded as ${holder} with other content`;
  return { faults: [], conflicts: [businessFault('opening-part-differs', item.place, text)] };
}
