import type { ScrubRule } from '../rule.ts';
import { accident } from './accident.ts';
import { addOnPrimary } from './addOnPrimary.ts';
import { admission } from './admission.ts';
import { ambulanceModifier } from './ambulanceModifier.ts';
import { anaesthesiaModifier } from './anaesthesiaModifier.ts';
import { bilateralIndicator } from './bilateralIndicator.ts';
import { bilateralUnits } from './bilateralUnits.ts';
import { billCodeLimit } from './billCodeLimit.ts';
import { billingAddress } from './billingAddress.ts';
import { billingNpi } from './billingNpi.ts';
import { billingZip } from './billingZip.ts';
import { careTeamPointer } from './careTeamPointer.ts';
import { chargeCurrent } from './chargeCurrent.ts';
import { claimKind } from './claimKind.ts';
import { claimTotal } from './claimTotal.ts';
import { claimType } from './claimType.ts';
import { cliaNumber } from './cliaNumber.ts';
import { codeEdition } from './codeEdition.ts';
import { componentIndicator } from './componentIndicator.ts';
import { coverageActive } from './coverageActive.ts';
import { coverageBeneficiary } from './coverageBeneficiary.ts';
import { coveragePayer } from './coveragePayer.ts';
import { createdDate } from './createdDate.ts';
import { daysOfSpan } from './daysOfSpan.ts';
import { diagnosisAge } from './diagnosisAge.ts';
import { diagnosisDuplicate } from './diagnosisDuplicate.ts';
import { diagnosisLimit } from './diagnosisLimit.ts';
import { diagnosisPointer } from './diagnosisPointer.ts';
import { diagnosisRequired } from './diagnosisRequired.ts';
import { diagnosisSex } from './diagnosisSex.ts';
import { dischargeStatus } from './dischargeStatus.ts';
import { drg } from './drg.ts';
import { drugCode } from './drugCode.ts';
import { drugWaste } from './drugWaste.ts';
import { duplicateClaim } from './duplicateClaim.ts';
import { duplicateLine } from './duplicateLine.ts';
import { excludedDiagnosis } from './excludedDiagnosis.ts';
import { externalCauseFirst } from './externalCauseFirst.ts';
import { facilityNamed } from './facilityNamed.ts';
import { facilityZip } from './facilityZip.ts';
import { feeStatus } from './feeStatus.ts';
import { fillDetails } from './fillDetails.ts';
import { fillNumber } from './fillNumber.ts';
import { focalCoverage } from './focalCoverage.ts';
import { frequencyPriorClaim } from './frequencyPriorClaim.ts';
import { globalPeriod } from './globalPeriod.ts';
import { hcpcsKnown } from './hcpcsKnown.ts';
import { icdBillable } from './icdBillable.ts';
import { icdFormat } from './icdFormat.ts';
import { icdKnown } from './icdKnown.ts';
import { laboratoryRepeat } from './laboratoryRepeat.ts';
import { lineAmount } from './lineAmount.ts';
import { lineControlNumber } from './lineControlNumber.ts';
import { lineDrug } from './lineDrug.ts';
import { lineLimit } from './lineLimit.ts';
import { lineRequired } from './lineRequired.ts';
import { maternityDiagnosis } from './maternityDiagnosis.ts';
import { mbiFormat } from './mbiFormat.ts';
import { medicaidLast } from './medicaidLast.ts';
import { medicareSecondary } from './medicareSecondary.ts';
import { memberId } from './memberId.ts';
import { mileage } from './mileage.ts';
import { missingAuthorization } from './missingAuthorization.ts';
import { modifierConflict } from './modifierConflict.ts';
import { modifierFormat } from './modifierFormat.ts';
import { modifierKnown } from './modifierKnown.ts';
import { modifierOrder } from './modifierOrder.ts';
import { modifierRepeat } from './modifierRepeat.ts';
import { moneyCents } from './moneyCents.ts';
import { moneyUsd } from './moneyUsd.ts';
import { mueUnits } from './mueUnits.ts';
import { ncciPair } from './ncciPair.ts';
import { negativeAmount } from './negativeAmount.ts';
import { newbornDiagnosis } from './newbornDiagnosis.ts';
import { npiCheckDigit } from './npiCheckDigit.ts';
import { oralSiteLinked } from './oralSiteLinked.ts';
import { outpatientProcedure } from './outpatientProcedure.ts';
import { patientAddress } from './patientAddress.ts';
import { patientControlNumber } from './patientControlNumber.ts';
import { patientIdentity } from './patientIdentity.ts';
import { patientSex } from './patientSex.ts';
import { payerId } from './payerId.ts';
import { payerSequence } from './payerSequence.ts';
import { paymentWindow } from './paymentWindow.ts';
import { paymentWindowModifier } from './paymentWindowModifier.ts';
import { placeOfService } from './placeOfService.ts';
import { pointerExternalCause } from './pointerExternalCause.ts';
import { presentOnAdmission } from './presentOnAdmission.ts';
import { principalDiagnosis } from './principalDiagnosis.ts';
import { priorPayerAnswer } from './priorPayerAnswer.ts';
import { priorPlacement } from './priorPlacement.ts';
import { procedureCode } from './procedureCode.ts';
import { procedureSex } from './procedureSex.ts';
import { providerEnrolment } from './providerEnrolment.ts';
import { referenceNumber } from './referenceNumber.ts';
import { renderingNpi } from './renderingNpi.ts';
import { renderingProvider } from './renderingProvider.ts';
import { revenueCode } from './revenueCode.ts';
import { roomAndBoardBill } from './roomAndBoardBill.ts';
import { roomAndBoardDays } from './roomAndBoardDays.ts';
import { secondaryQuestionnaire } from './secondaryQuestionnaire.ts';
import { serviceAfterDeath } from './serviceAfterDeath.ts';
import { serviceBeforeBirth } from './serviceBeforeBirth.ts';
import { serviceDate } from './serviceDate.ts';
import { serviceFuture } from './serviceFuture.ts';
import { serviceInPeriod } from './serviceInPeriod.ts';
import { signature } from './signature.ts';
import { splitCare } from './splitCare.ts';
import { subscriberKnown } from './subscriberKnown.ts';
import { supportingSequence } from './supportingSequence.ts';
import { surgeonIndicator } from './surgeonIndicator.ts';
import { taxId } from './taxId.ts';
import { taxonomyFormat } from './taxonomyFormat.ts';
import { technicalComponent } from './technicalComponent.ts';
import { therapyModifier } from './therapyModifier.ts';
import { timelyFiling } from './timelyFiling.ts';
import { toothNumber } from './toothNumber.ts';
import { toothSurface } from './toothSurface.ts';
import { typeOfBillFormat } from './typeOfBillFormat.ts';
import { units } from './units.ts';
import { unitsFraction } from './unitsFraction.ts';
import { unlistedDescription } from './unlistedDescription.ts';
import { unpricedCharge } from './unpricedCharge.ts';
import { visitModifier } from './visitModifier.ts';
import { visitPlace } from './visitPlace.ts';
import { workersCompensation } from './workersCompensation.ts';

/** Every scrub rule, in the order of the claim form: header, parties, coverage, bill, diagnoses, lines, money. Add yours here. */
export const rules: readonly ScrubRule[] = [
  claimType,
  patientControlNumber,
  createdDate,
  patientIdentity,
  patientSex,
  patientAddress,
  npiCheckDigit,
  billingNpi,
  renderingNpi,
  renderingProvider,
  providerEnrolment,
  careTeamPointer,
  taxId,
  taxonomyFormat,
  billingAddress,
  billingZip,
  facilityNamed,
  facilityZip,
  focalCoverage,
  payerSequence,
  medicareSecondary,
  secondaryQuestionnaire,
  medicaidLast,
  coverageBeneficiary,
  coveragePayer,
  coverageActive,
  workersCompensation,
  payerId,
  memberId,
  mbiFormat,
  subscriberKnown,
  priorPayerAnswer,
  missingAuthorization,
  timelyFiling,
  typeOfBillFormat,
  claimKind,
  frequencyPriorClaim,
  admission,
  dischargeStatus,
  paymentWindow,
  paymentWindowModifier,
  drg,
  signature,
  accident,
  supportingSequence,
  referenceNumber,
  billCodeLimit,
  diagnosisRequired,
  diagnosisLimit,
  diagnosisDuplicate,
  icdFormat,
  icdKnown,
  icdBillable,
  externalCauseFirst,
  maternityDiagnosis,
  newbornDiagnosis,
  diagnosisAge,
  diagnosisSex,
  procedureSex,
  principalDiagnosis,
  excludedDiagnosis,
  presentOnAdmission,
  lineRequired,
  lineLimit,
  lineControlNumber,
  diagnosisPointer,
  pointerExternalCause,
  procedureCode,
  lineDrug,
  drugCode,
  fillDetails,
  fillNumber,
  toothNumber,
  toothSurface,
  oralSiteLinked,
  priorPlacement,
  hcpcsKnown,
  unlistedDescription,
  modifierFormat,
  modifierKnown,
  modifierRepeat,
  modifierConflict,
  modifierOrder,
  visitModifier,
  anaesthesiaModifier,
  laboratoryRepeat,
  drugWaste,
  therapyModifier,
  cliaNumber,
  bilateralUnits,
  technicalComponent,
  ambulanceModifier,
  mileage,
  serviceDate,
  serviceInPeriod,
  daysOfSpan,
  serviceFuture,
  serviceBeforeBirth,
  serviceAfterDeath,
  placeOfService,
  visitPlace,
  revenueCode,
  roomAndBoardBill,
  roomAndBoardDays,
  outpatientProcedure,
  units,
  unitsFraction,
  moneyUsd,
  moneyCents,
  negativeAmount,
  unpricedCharge,
  chargeCurrent,
  lineAmount,
  claimTotal,
  ncciPair,
  mueUnits,
  addOnPrimary,
  globalPeriod,
  bilateralIndicator,
  componentIndicator,
  surgeonIndicator,
  splitCare,
  feeStatus,
  duplicateLine,
  duplicateClaim,
  codeEdition,
];
