import type { Words } from '../letter/words.ts';

/** What statements, receipts and itemised bills say, plainly, in each language. */
export const words = {
  statement: { en: 'Your bill', es: 'Su factura' },
  finalNotice: { en: 'Final notice', es: 'Último aviso' },
  statementNumber: { en: 'Statement', es: 'Estado de cuenta' },
  statementDate: { en: 'Date', es: 'Fecha' },
  accountNumber: { en: 'Account', es: 'Cuenta' },
  amountDue: { en: 'Amount due now', es: 'Pague ahora' },
  dueDate: { en: 'Please pay by', es: 'Fecha límite de pago' },
  patient: { en: 'Patient', es: 'Paciente' },
  day: { en: 'Date', es: 'Fecha' },
  service: { en: 'Service', es: 'Servicio' },
  provider: { en: 'Provider', es: 'Atendido por' },
  charge: { en: 'Charge', es: 'Cargo' },
  insurance: { en: 'Insurance paid', es: 'Pagó su seguro' },
  adjusted: { en: 'Taken off', es: 'Descuentos' },
  paid: { en: 'You paid', es: 'Usted pagó' },
  open: { en: 'You owe', es: 'Usted debe' },
  total: { en: 'Total', es: 'Total' },
  billed: { en: 'Open on your bills', es: 'Pendiente en sus facturas' },
  credit: {
    en: 'Money of yours that we hold and did not use yet',
    es: 'Dinero suyo que tenemos y aún no se ha usado',
  },
  aging: { en: 'How old the open amounts are', es: 'Antigüedad de lo pendiente' },
  current: { en: '30 days or less', es: '30 días o menos' },
  over30: { en: '31 to 60 days', es: '31 a 60 días' },
  over60: { en: '61 to 90 days', es: '61 a 90 días' },
  over90: { en: 'More than 90 days', es: 'Más de 90 días' },
  howToPay: { en: 'How to pay', es: 'Cómo pagar' },
  cannotPay: { en: 'If you cannot pay it all now', es: 'Si no puede pagar todo ahora' },
  plan: {
    en: 'You can ask us for a payment plan. You pay a part each month.',
    es: 'Puede pedirnos un plan de pagos. Usted paga una parte cada mes.',
  },
  questions: { en: 'If something looks wrong', es: 'Si algo no le parece correcto' },
  dispute: {
    en: 'You have the right to dispute this bill. Tell us what looks wrong, and we do not ask for that amount while we look into it.',
    es: 'Usted tiene derecho a disputar esta factura. Díganos qué no le parece correcto y no le pediremos ese monto mientras lo revisamos.',
  },
  itemized: {
    en: 'You can ask us for an itemized bill. It is free.',
    es: 'Puede pedirnos una factura detallada. Es gratis.',
  },
  surprise: {
    en: 'The law protects you from surprise bills for emergencies, air ambulances, and out-of-network care at an in-network facility. If you had no insurance and your bill is $400 or more above your good faith estimate, you can dispute it. See www.cms.gov/nosurprises or call 1-800-985-3059.',
    es: 'La ley lo protege de facturas inesperadas por emergencias, ambulancias aéreas y atención fuera de la red en un centro de la red. Si no tenía seguro y su factura es $400 o más mayor que su estimado de buena fe, puede disputarla. Vea www.cms.gov/nosurprises o llame al 1-800-985-3059.',
  },
  waiting: {
    en: 'Services that your insurance has not finished are not on this bill. We send you another one when we know what you owe.',
    es: 'Los servicios que su seguro aún no ha terminado no están en esta factura. Le enviaremos otra cuando sepamos lo que debe.',
  },
  cut: {
    en: 'Cut here and send this part with your check. Please do not send cash.',
    es: 'Corte aquí y envíe esta parte con su cheque. Por favor, no envíe dinero en efectivo.',
  },
  enclosed: { en: 'Amount you send', es: 'Monto que envía' },
  payTo: { en: 'Make your check out to', es: 'Haga el cheque a nombre de' },
  help: { en: 'Help in your language', es: 'Ayuda en su idioma' },
} as const satisfies Readonly<Record<string, Words>>;
