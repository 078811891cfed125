import type { Plan, Risk } from './plan.ts';
import type { ProcedureDefinition } from './runbook.ts';

/** The operator's confirmation before a plan of this risk starts. */
export type Confirmation =
	| { readonly kind: 'none' }
	/** Answer `y`; No is the default. */
	| { readonly kind: 'yes' }
	/** Type this text, and give a reason. */
	| { readonly kind: 'typed'; readonly text: string };

/** Confirmation for each risk: read-only none, disruptive `y`, destructive the target's name typed. */
export const confirmationFor = (risk: Risk, target: string): Confirmation => {
	if (risk === 'read-only') {
		return { kind: 'none' };
	}
	return risk === 'disruptive' ? { kind: 'yes' } : { kind: 'typed', text: target };
};

/** True when running the plan changes the host, and so needs the lock, a restore point and a target that is not read-only. */
export const changes = (plan: Pick<Plan, 'risk'>): boolean => plan.risk !== 'read-only';

/** True for an emergency stop: it must work whatever is wrong with the files, so it needs neither disk space nor ground. */
export const isEmergency = ({ needsRoom }: Pick<ProcedureDefinition, 'needsRoom'>): boolean => needsRoom === false;
