import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';

/** The night that work is done for. */
export interface Night {
  readonly date: string; // the business date, in the time zone of the settings
}

/**
 * One kind of work that is done every night for all practices. What is due is known by dates kept in resources
 * (`due <= night.date`), so that a night that was missed is made up for by the next one, and the same night twice
 * changes nothing. What must leave the store is a job of its own, which the item makes.
 */
export interface NightlyWork {
  readonly code: string; // CodeSystem/nightly
  readonly text: string; // what it does, for people
  /**
   * The items (references or keys) that may be due, after `after` (undefined: from the first) and at most `count`, in
   * an order that does not change while they are worked at. None: the night is done.
   */
  next(
    context: OperationContext,
    night: Night,
    range: { readonly after: string | undefined; readonly count: number },
  ): Promise<readonly string[]>;
  /** Does one item, in a transaction that it shares with the cursor: within a night once, whatever is killed. */
  one(context: OperationContext, tx: Transaction, item: string, night: Night): Promise<void>;
}
