import {
  acknowledgementHandler,
  claimAcknowledgementHandler,
  claimStatusHandler,
  informationRequestHandler,
} from '../partner/receive.ts';
import { take270 } from '../acting/take270.ts';
import { take278 } from '../authorization/take278.ts';
import { take837 } from '../received/take837.ts';
import { take271 } from '../eligibility/take271.ts';
import { take835, takeRejected835 } from '../remittance/take835.ts';
import type { SetHandler, Transaction } from './handler.ts';

/** Who takes up each kind of transaction set. One that has no handler is kept, with a Task. Add yours here. */
export const handlers: Readonly<Partial<Record<Transaction, SetHandler>>> = {
  '270': take270,
  '271': take271,
  '277': claimStatusHandler,
  '277CA': claimAcknowledgementHandler,
  '277RFAI': informationRequestHandler,
  '278': take278,
  '999': acknowledgementHandler,
  '835': take835,
  '837': take837,
};

/** Who is told of a set that was rejected, beside the person who gets a Task: where something came with it all the same. */
export const rejectedHandlers: typeof handlers = { '835': takeRejected835 };
