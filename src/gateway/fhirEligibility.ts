import type { Resource } from '@medplum/fhirtypes';
import type { FhirResource } from 'fhir-kit-client';
import { clientOf, refusalOf } from './fhir.ts';
import type { EligibilityQuestion, EligibilitySaid, QuestionServer } from './gateway.ts';

/**
 * Asks a payer's FHIR server: `CoverageEligibilityRequest/$submit` with a collection of the request and the parties it
 * names. What it answers is taken only where it is about the member that was asked after.
 */
export async function askServer(
  questions: QuestionServer,
  question: EligibilityQuestion,
): Promise<EligibilitySaid> {
  const found = await questions.of(question);
  if (!found) return { is: 'refused', reason: 'its payer has no FHIR endpoint any more' };
  try {
    const said = await clientOf(found.server).operation({
      name: 'submit',
      resourceType: 'CoverageEligibilityRequest',
      input: found.bundle as unknown as FhirResource,
    });
    return found.read(said as unknown as Resource);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) return refusal;
    throw error;
  }
}
