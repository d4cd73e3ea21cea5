import type { Endpoint, Organization } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import type { QuestionServer } from '../../gateway/gateway.ts';
import { system } from '../../terminology/system.ts';
import type { OperationContext } from '../operation.ts';
import { inquiryBundle, readEligibility } from './overFhir.ts';
import { fhirGatewayCode, payerServerOf } from '../partner/payerServer.ts';

/** The FHIR server of a payer, as its Endpoint (or that of the route) says now. */
export const questionServer = (context: OperationContext): QuestionServer => ({
  of: async (question) => {
    const { payer, route } = question;
    const { store, openFhirServer } = context;
    const organization = await resolve<Organization>(store, 'Organization', { reference: payer });
    const named = route ? [{ reference: route.endpoint }] : (organization?.endpoint ?? []);
    for (const pointer of named) {
      const endpoint = await resolve<Endpoint>(store, 'Endpoint', pointer);
      const { connectionType } = endpoint ?? {};
      if (!endpoint || connectionType?.system !== system.gateway || connectionType.code !== fhirGatewayCode)
        continue;
      if (!openFhirServer) throw new Error('no FHIR server of a payer can be reached: none is set up');
      const { way, isTest } = payerServerOf(endpoint);
      const head = { base: context.publicUrl, timestamp: context.now(), isTest };
      return {
        server: openFhirServer(way),
        bundle: inquiryBundle(question, head),
        read: (said) => readEligibility(question, said),
      };
    }
    return undefined;
  },
});
