/** The journal: one file per event that posts, and the balances that a replay gives. See docs/model.md, "The journal" */
export * from './balance.ts';
export * from './chargeCaptured.ts';
export * from './chargeReversed.ts';
export * from './claimAdjudicated.ts';
export * from './claimPended.ts';
export * from './claimSubmitted.ts';
export * from './creditApplied.ts';
export * from './creditReleased.ts';
export * from './invoiceCancelled.ts';
export * from './invoiceIssued.ts';
export * from './patientLine.ts';
export * from './patientPayment.ts';
export * from './paymentReversed.ts';
export * from './refund.ts';
export * from './selfPayInvoiced.ts';
export * from './standing.ts';
export * from './writeOff.ts';
