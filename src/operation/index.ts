import { accountApplyCredit } from './accountApplyCredit.ts';
import { accountApplyForAssistance } from './accountApplyForAssistance.ts';
import { accountBalance } from './accountBalance.ts';
import { accountEverything } from './accountEverything.ts';
import { accountHold } from './accountHold.ts';
import { accountPaymentPlan } from './accountPaymentPlan.ts';
import { accountPlace } from './accountPlace.ts';
import { accountRecall } from './accountRecall.ts';
import { accountRecordAgencyPayment } from './accountRecordAgencyPayment.ts';
import { accountRecordPayment } from './accountRecordPayment.ts';
import { accountRefund } from './accountRefund.ts';
import { accountRefundPayer } from './accountRefundPayer.ts';
import { accountWhy } from './accountWhy.ts';
import { accountReleaseHold } from './accountReleaseHold.ts';
import { accountStatement } from './accountStatement.ts';
import { basicActivate } from './basicActivate.ts';
import { basicBackTest } from './basicBackTest.ts';
import { basicDeactivate } from './basicDeactivate.ts';
import { basicDecideAssistance } from './basicDecideAssistance.ts';
import { basicReverseAssistance } from './basicReverseAssistance.ts';
import { binaryOutline } from './binaryOutline.ts';
import { coverageEligibilityRequestSubmit } from './coverageEligibilityRequestSubmit.ts';
import { coverageEligibilityRequestSubmitResource } from './coverageEligibilityRequestSubmitResource.ts';
import { chargeItemDefinitionApply } from './chargeItemDefinitionApply.ts';
import { claimAppeal } from './claimAppeal.ts';
import { claimCorrect } from './claimCorrect.ts';
import { claimEdit } from './claimEdit.ts';
import { claimEstimate } from './claimEstimate.ts';
import { claimForm } from './claimForm.ts';
import { claimReverseWriteOff } from './claimReverseWriteOff.ts';
import { claimInquire } from './claimInquire.ts';
import { claimScrub } from './claimScrub.ts';
import { claimGfeSubmit } from './claimGfeSubmit.ts';
import { claimGoodFaithEstimate } from './claimGoodFaithEstimate.ts';
import { claimState } from './claimState.ts';
import { claimSubmit } from './claimSubmit.ts';
import { claimSubmitResource } from './claimSubmitResource.ts';
import { claimTransfer } from './claimTransfer.ts';
import { claimVoid } from './claimVoid.ts';
import { claimWhy } from './claimWhy.ts';
import { claimWriteOff } from './claimWriteOff.ts';
import { claimX12 } from './claimX12.ts';
import { communicationMarkRead } from './communicationMarkRead.ts';
import { communicationAnswer } from './communicationAnswer.ts';
import { contractEndPlan } from './contractEndPlan.ts';
import { encounterCaptureCharges } from './encounterCaptureCharges.ts';
import { encounterEverything } from './encounterEverything.ts';
import { encounterGenerateClaim } from './encounterGenerateClaim.ts';
import { encounterGenerateInvoice } from './encounterGenerateInvoice.ts';
import { encounterItemize } from './encounterItemize.ts';
import { encounterRebill } from './encounterRebill.ts';
import { endpointSend } from './endpointSend.ts';
import { explanationOfBenefitGenerateInvoice } from './explanationOfBenefitGenerateInvoice.ts';
import { groupExport } from './groupExport.ts';
import { invoiceDiscount } from './invoiceDiscount.ts';
import { invoiceRecordPayment } from './invoiceRecordPayment.ts';
import { invoiceReverseWriteOff } from './invoiceReverseWriteOff.ts';
import { invoiceWhy } from './invoiceWhy.ts';
import { invoiceWriteOff } from './invoiceWriteOff.ts';
import { jobStatus } from './jobStatus.ts';
import { librarySqlRun } from './librarySqlRun.ts';
import { libraryViewdefinitionRun } from './libraryViewdefinitionRun.ts';
import { measureEntries } from './measureEntries.ts';
import { measureEvaluateMeasure } from './measureEvaluateMeasure.ts';
import { organizationClosePeriod } from './organizationClosePeriod.ts';
import { organizationLoadEnrolment } from './organizationLoadEnrolment.ts';
import { organizationLoadContract } from './organizationLoadContract.ts';
import { organizationMissingCharges } from './organizationMissingCharges.ts';
import { organizationUnderpayments } from './organizationUnderpayments.ts';
import { organizationReopenPeriod } from './organizationReopenPeriod.ts';
import { patientDiscoverCoverage } from './patientDiscoverCoverage.ts';
import { taskAcceptCode } from './taskAcceptCode.ts';
import { taskApplyCorrection } from './taskApplyCorrection.ts';
import { taskApprove } from './taskApprove.ts';
import { taskAssign } from './taskAssign.ts';
import { taskDecideAppeal } from './taskDecideAppeal.ts';
import { taskDenialGuide } from './taskDenialGuide.ts';
import { taskDenialPatterns } from './taskDenialPatterns.ts';
import { taskDenialWorklist } from './taskDenialWorklist.ts';
import { taskFileAppeal } from './taskFileAppeal.ts';
import { taskProposeRule } from './taskProposeRule.ts';
import { taskQueryProvider } from './taskQueryProvider.ts';
import { taskReviewCoding } from './taskReviewCoding.ts';
import { taskSuggestCodes } from './taskSuggestCodes.ts';
import { taskWorkDenials } from './taskWorkDenials.ts';
import { patientBreakGlass } from './patientBreakGlass.ts';
import type { Operation } from './operation.ts';
import { patientMerge } from './patientMerge.ts';
import { patientUnmerge } from './patientUnmerge.ts';
import { patientEverything } from './patientEverything.ts';
import { patientExport } from './patientExport.ts';
import { paymentNoticeCloseBatch } from './paymentNoticeCloseBatch.ts';
import { paymentNoticeReverse } from './paymentNoticeReverse.ts';
import { paymentNoticeReceipt } from './paymentNoticeReceipt.ts';
import { paymentReconciliationPost } from './paymentReconciliationPost.ts';
import { paymentReconciliationPostEntered } from './paymentReconciliationPostEntered.ts';
import { paymentReconciliationReverse } from './paymentReconciliationReverse.ts';
import { resourceMeta } from './resourceMeta.ts';
import { resourceMetaAdd } from './resourceMetaAdd.ts';
import { resourceMetaDelete } from './resourceMetaDelete.ts';
import { searchParameterIndexProgress } from './searchParameterIndexProgress.ts';
import { systemCodingTables } from './systemCodingTables.ts';
import { systemExport } from './systemExport.ts';
import { systemImport } from './systemImport.ts';
import { systemLoadTable } from './systemLoadTable.ts';
import { systemLoadOpening } from './systemLoadOpening.ts';
import { systemProcessX12 } from './systemProcessX12.ts';
import { systemReconcileBank } from './systemReconcileBank.ts';
import { systemRunNightly } from './systemRunNightly.ts';

/** Every operation of this server, in the order of the billing flow, then those of any server. Add yours here. */
export const operations: readonly Operation[] = [
  coverageEligibilityRequestSubmit,
  coverageEligibilityRequestSubmitResource,
  patientDiscoverCoverage,
  taskApplyCorrection,
  encounterCaptureCharges,
  taskSuggestCodes,
  taskAcceptCode,
  taskQueryProvider,
  communicationAnswer,
  taskReviewCoding,
  chargeItemDefinitionApply,
  encounterGenerateClaim,
  claimEdit,
  claimScrub,
  basicBackTest,
  basicActivate,
  basicDeactivate,
  claimSubmit,
  claimSubmitResource,
  claimInquire,
  endpointSend,
  claimState,
  claimEstimate,
  claimForm,
  claimX12,
  claimCorrect,
  claimVoid,
  claimWhy,
  claimAppeal,
  claimGfeSubmit,
  claimGoodFaithEstimate,
  taskFileAppeal,
  taskDecideAppeal,
  claimWriteOff,
  claimReverseWriteOff,
  encounterRebill,
  paymentReconciliationPost,
  paymentReconciliationPostEntered,
  paymentReconciliationReverse,
  paymentNoticeCloseBatch,
  systemReconcileBank,
  systemRunNightly,
  explanationOfBenefitGenerateInvoice,
  encounterGenerateInvoice,
  accountRecordPayment,
  invoiceRecordPayment,
  paymentNoticeReverse,
  paymentNoticeReceipt,
  invoiceWriteOff,
  invoiceReverseWriteOff,
  invoiceWhy,
  accountApplyCredit,
  accountRefund,
  accountWhy,
  organizationClosePeriod,
  organizationLoadContract,
  organizationLoadEnrolment,
  patientMerge,
  patientUnmerge,
  organizationUnderpayments,
  organizationMissingCharges,
  organizationReopenPeriod,
  measureEvaluateMeasure,
  measureEntries,
  accountRefundPayer,
  claimTransfer,
  invoiceDiscount,
  accountPaymentPlan,
  accountApplyForAssistance,
  basicDecideAssistance,
  basicReverseAssistance,
  accountPlace,
  accountRecall,
  accountRecordAgencyPayment,
  contractEndPlan,
  accountHold,
  accountReleaseHold,
  taskApprove,
  taskDenialWorklist,
  taskWorkDenials,
  taskDenialPatterns,
  taskDenialGuide,
  taskProposeRule,
  taskAssign,
  communicationMarkRead,
  accountBalance,
  accountStatement,
  encounterItemize,
  patientEverything,
  encounterEverything,
  accountEverything,
  patientBreakGlass,
  resourceMeta,
  resourceMetaAdd,
  resourceMetaDelete,
  searchParameterIndexProgress,
  systemProcessX12,
  binaryOutline,
  systemLoadTable,
  systemCodingTables,
  systemLoadOpening,
  systemImport,
  systemExport,
  patientExport,
  groupExport,
  libraryViewdefinitionRun,
  librarySqlRun,
  jobStatus,
];
