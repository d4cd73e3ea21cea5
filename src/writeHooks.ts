import { auditHook } from './interaction/audit/auditId.ts';
import { scrubWarningAudit } from './interaction/conformance/scrubWarningAudit.ts';
import { searchParameterHook } from './interaction/conformance/searchParameterHook.ts';
import type { WriteHook } from './interaction/context.ts';
import { roleHook } from './operation/access/roleHook.ts';
import { approvalHook } from './operation/approval/approvalHook.ts';
import { booksHook } from './operation/books/booksHook.ts';
import { definitionHook } from './operation/charge/definitionHook.ts';
import { queryHook } from './operation/coding/queries.ts';
import { dispenseHook } from './operation/charge/dispenseHook.ts';
import { automationAnswerHook } from './operation/automation/enqueue.ts';
import { automationSettingsHook } from './operation/automation/settings.ts';
import { holdHook } from './operation/collection/holdHook.ts';
import { enrolmentHook } from './operation/enrolment/freedJob.ts';
import { payerOrderHook } from './operation/eligibility/payerOrder.ts';
import { mergeHook } from './operation/merge/mergeHook.ts';
import { messageHook } from './operation/message/messageHook.ts';
import { originHook } from './operation/origin/originHook.ts';
import { comparisonHook } from './operation/estimate/compareEstimate.ts';
import { depositHook } from './operation/estimate/depositHook.ts';
import { estimateMissingHook } from './operation/estimate/estimatesWork.ts';
import { labelHook } from './operation/label/labelHook.ts';
import { numberHook } from './operation/payment/refuseNumbers.ts';
import { ruleHook } from './operation/rule/ruleHook.ts';
import { partnerHook } from './operation/partner/pollJob.ts';

/** What happens beside the write of a resource, in this order, whichever way it comes in. */
export const writeHooks: readonly WriteHook[] = [
  searchParameterHook,
  scrubWarningAudit,
  auditHook,
  definitionHook,
  dispenseHook,
  queryHook,
  payerOrderHook,
  numberHook,
  booksHook,
  mergeHook,
  messageHook,
  holdHook,
  automationSettingsHook,
  automationAnswerHook,
  roleHook,
  enrolmentHook,
  ruleHook,
  approvalHook,
  labelHook,
  partnerHook,
  comparisonHook,
  depositHook,
  estimateMissingHook,
  originHook,
];
